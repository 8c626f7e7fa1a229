//! Name constraints (RFC 5280 4.2.1.10).

use yinxin_verdict::{Check, Reason};

use super::Finding;
use crate::{
    certificate::{Certificate, GeneralName, NameConstraints},
    name::Name,
    oid,
};

/// Comparisons a chain may take: 1,000 names under 1,000 constraints would be a million; the largest honest case met has 100.
const MAX_COMPARISONS: usize = 10_000;

pub(super) fn check(chain: &[Certificate]) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut budget = MAX_COMPARISONS;
    for (place, issuer) in chain.iter().enumerate().skip(1) {
        let Some(constraints) = &issuer.details().name_constraints else { continue };
        for (below, certificate) in chain.iter().enumerate().take(place) {
            // A CA may issue itself a new certificate under whatever name it has.
            if below > 0 && certificate.is_self_issued() {
                continue;
            }
            if let Err(found) = within(certificate, constraints, &mut budget) {
                let reason =
                    if budget == 0 { Reason::ChainTooCostly } else { Reason::ChainConstraint };
                out.push(
                    Finding::fail(Check::CertChain, place, reason)
                        .expected("a permitted name")
                        .found(found),
                );
            }
        }
    }
    out
}

fn within(
    certificate: &Certificate,
    constraints: &NameConstraints,
    budget: &mut usize,
) -> Result<(), String> {
    let subject = certificate.subject();
    if certificate.details().alternative_names_unreadable {
        return Err("names that cannot be read".into());
    }
    let mut names = certificate.alternative_names().to_vec();
    if !subject.is_empty() {
        names.push(GeneralName::Directory(subject.clone()));
    }
    // RFC 5280: the mail address in a subject counts when there is none beside it.
    if !names.iter().any(|n| matches!(n, GeneralName::Email(_))) {
        let mails = subject.attributes().iter().filter(|a| a.oid == oid::EMAIL);
        names.extend(mails.map(|a| GeneralName::Email(a.value.clone())));
    }
    names.iter().try_for_each(|name| allowed(name, constraints, budget))
}

fn allowed(
    name: &GeneralName,
    constraints: &NameConstraints,
    budget: &mut usize,
) -> Result<(), String> {
    let mut permitted = None;
    for base in &constraints.permitted {
        if let Some(inside) = compare(name, base, budget)? {
            permitted = Some(permitted.unwrap_or(false) || inside);
        }
    }
    if permitted == Some(false) {
        return Err(show(name));
    }
    for base in &constraints.excluded {
        if compare(name, base, budget)? == Some(true) {
            return Err(show(name));
        }
    }
    Ok(())
}

/// Whether a name lies under a base of the same kind; `None` for another kind. What cannot be compared is refused.
fn compare(
    name: &GeneralName,
    base: &GeneralName,
    budget: &mut usize,
) -> Result<Option<bool>, String> {
    *budget = budget.checked_sub(1).ok_or_else(|| "too many names".to_owned())?;
    Ok(Some(match (name, base) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => {
            under_domain(name, base).ok_or_else(|| base.clone())?
        }
        (GeneralName::Email(name), GeneralName::Email(base)) => mail(name, base),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => {
            address(name, base).ok_or_else(|| format!("{base:02x?}"))?
        }
        (GeneralName::Directory(name), GeneralName::Directory(base)) => directory(name, base),
        (GeneralName::Other { tag }, GeneralName::Other { tag: base }) if tag == base => {
            return Err(format!("name of kind {tag:02x}"));
        }
        (GeneralName::Uri(name), GeneralName::Uri(base)) => {
            let host = uri_host(name).ok_or_else(|| name.clone())?;
            match base.strip_prefix('.') {
                Some(domain) => {
                    !host.eq_ignore_ascii_case(domain)
                        && under_domain(host, domain).unwrap_or(false)
                }
                None => host.eq_ignore_ascii_case(base),
            }
        }
        _ => return Ok(None),
    }))
}

/// `None` when either is no host name: a leading period has no meaning in a constraint on host names.
fn under_domain(name: &str, base: &str) -> Option<bool> {
    let label = |l: &str| {
        !l.is_empty()
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*'))
    };
    if !name.split('.').all(label) || !(base.is_empty() || base.split('.').all(label)) {
        return None;
    }
    let (name, base) = (name.to_ascii_lowercase(), base.to_ascii_lowercase());
    if base.is_empty() || name == base {
        return Some(true);
    }
    // A wildcard stands for any label: it reaches into what it could become.
    if let Some(parent) = name.strip_prefix("*.")
        && base.split_once('.').is_some_and(|(_, rest)| rest == parent)
    {
        return Some(true);
    }
    Some(name.strip_suffix(&base).is_some_and(|rest| rest.ends_with('.')))
}

fn mail(name: &str, base: &str) -> bool {
    let Some((mailbox, host)) = name.rsplit_once('@') else { return false };
    match base.rsplit_once('@') {
        Some((base_box, base_host)) => mailbox == base_box && host.eq_ignore_ascii_case(base_host),
        None => match base.strip_prefix('.') {
            Some(domain) => {
                host.to_ascii_lowercase().ends_with(&format!(".{}", domain.to_ascii_lowercase()))
            }
            None => host.eq_ignore_ascii_case(base),
        },
    }
}

/// `None` for a constraint that is no address with a mask of leading ones.
fn address(name: &[u8], base: &[u8]) -> Option<bool> {
    if !matches!(base.len(), 8 | 32) || !matches!(name.len(), 4 | 16) {
        return None;
    }
    let (network, mask) = base.split_at(base.len() / 2);
    let ones: u32 = mask.iter().map(|b| b.leading_ones()).take_while(|n| *n == 8).sum();
    let total: u32 = mask.iter().map(|b| b.count_ones()).sum();
    let partial = mask.get(ones as usize / 8).map_or(0, |b| b.leading_ones());
    if total != ones + partial {
        return None;
    }
    Some(
        name.len() == network.len()
            && name.iter().zip(network).zip(mask).all(|((n, w), m)| n & m == w & m),
    )
}

fn directory(name: &Name, base: &Name) -> bool {
    name.key().starts_with(base.key())
}

fn uri_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    (!host.is_empty()).then_some(host)
}

fn show(name: &GeneralName) -> String {
    match name {
        GeneralName::Directory(name) => name.to_string(),
        GeneralName::Dns(text) | GeneralName::Email(text) | GeneralName::Uri(text) => text.clone(),
        GeneralName::Ip(octets) => format!("{octets:?}"),
        GeneralName::Other { tag } => format!("name of kind {tag:02x}"),
    }
}
