//! Which certificates a list speaks of.

use crate::{
    certificate::{Certificate, Extension, point_names},
    oid,
    tlv::{Tlv, TlvError, tag},
};

/// Which certificates a list speaks of.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    only_users: bool,
    only_cas: bool,
    /// Names of the place it is published at, one of which the certificate must name.
    points: Option<Vec<Vec<u8>>>,
    /// Limited in a way that is not followed here: deltas, indirect lists, some reasons only, unknown critical extensions.
    pub(super) partial: bool,
}

impl Scope {
    pub(super) fn read(list: &[Extension]) -> Result<Self, TlvError> {
        let mut scope = Self::default();
        for extension in list {
            match extension.oid {
                oid::ISSUING_POINT => {
                    scope.issuing_point(&Tlv::parse(&extension.value, extension.value.len())?)?
                }
                oid::DELTA_CRL => scope.partial = true,
                oid::CRL_NUMBER | oid::AUTHORITY_KEY_IDENTIFIER => {}
                _ => scope.partial |= extension.critical,
            }
        }
        Ok(scope)
    }

    /// `SEQUENCE { distributionPoint [0], onlyContainsUserCerts [1], onlyContainsCACerts [2], onlySomeReasons [3], indirectCRL [4], onlyContainsAttributeCerts [5] }`
    fn issuing_point(&mut self, tlv: &Tlv<'_>) -> Result<(), TlvError> {
        for field in tlv.expect(tag::SEQUENCE)?.children()?.all()? {
            let set = field.value().first().is_some_and(|b| *b != 0);
            match field.tag() {
                0xa0 => self.points = Some(point_names(&field)?),
                0x81 => self.only_users = set,
                0x82 => self.only_cas = set,
                0x83 => self.partial = true,
                0x84 | 0x85 => self.partial |= set,
                tag => return Err(TlvError::Content { tag }),
            }
        }
        Ok(())
    }

    /// Whether silence about this certificate means that it is not revoked.
    pub(super) fn covers(&self, certificate: &Certificate) -> bool {
        let Self { only_users, only_cas, points, partial } = self;
        let ca = certificate.is_ca();
        let here = points.as_ref().is_none_or(|names| {
            let own = &certificate.details().crl_points;
            // Any name of any of the certificate's points will do (RUSTSEC-2026-0049 looked at the first only).
            names.iter().any(|n| own.contains(n))
        });
        let other_kind = if ca { *only_users } else { *only_cas };
        !partial && here && !other_kind
    }
}
