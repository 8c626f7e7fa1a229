//! The parts of a certificate.

use yinxin_verdict::UnixTime;

use crate::{
    deviation::Deviation,
    tlv::{Tlv, TlvError, tag},
};

/// The parts of a `TBSCertificate`, unread.
pub(super) struct Fields<'a> {
    pub(super) version: u64,
    pub(super) serial: Tlv<'a>,
    pub(super) algorithm: Tlv<'a>,
    pub(super) issuer: Tlv<'a>,
    pub(super) period: Tlv<'a>,
    pub(super) subject: Tlv<'a>,
    pub(super) spki: Tlv<'a>,
    pub(super) extensions: Option<Tlv<'a>>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(tbs: &Tlv<'a>) -> Result<Self, TlvError> {
        let mut r = tbs.children()?;
        let version = match r.optional(tag::context(0))? {
            Some(v) => v.only_child()?.u64()?,
            None => 0,
        };
        let fields = Self {
            version,
            serial: r.read(tag::INTEGER)?,
            algorithm: r.read(tag::SEQUENCE)?,
            issuer: r.read(tag::SEQUENCE)?,
            period: r.read(tag::SEQUENCE)?,
            subject: r.read(tag::SEQUENCE)?,
            spki: r.read(tag::SEQUENCE)?,
            extensions: None,
        };
        r.optional(tag::context_primitive(1))?;
        r.optional(tag::context_primitive(2))?;
        let extensions = r.optional(tag::context(3))?.map(|e| e.only_child()).transpose()?;
        r.finish()?;
        Ok(Self { extensions, ..fields })
    }

    pub(super) fn validity(
        &self,
        deviations: &mut Vec<Deviation>,
    ) -> Result<(UnixTime, UnixTime), TlvError> {
        let mut period = self.period.children()?;
        let (not_before, good_before) = period.any()?.time_and_form()?;
        let (not_after, good_after) = period.any()?.time_and_form()?;
        period.finish()?;
        if !(good_before && good_after) {
            deviations.push(Deviation::TimeForm);
        }
        Ok((not_before, not_after))
    }
}
