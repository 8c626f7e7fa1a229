//! `data derive`: what something was made from, by which rule, for which purpose.

use std::path::Path;

use yinxin_gm::Digest;
use yinxin_record::{
    DataAct, DeliveredContent, Derive as DeriveAct, DeriveMethod, DocumentState, FieldSet,
    GrantState, GrantedData, Node, OrganisationCode, ProvenanceState, PublishResource, Purpose,
    Source, Wire, state_key,
};
use yinxin_sharing::envelope::Header;

use super::{
    request::version,
    send::{self, Desk, Sending},
    words,
};
use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    files,
    ledger::anchored_digest,
    ui::Ui,
};

/// `yinxin data derive`
#[derive(Debug, clap::Args)]
pub(crate) struct Derive {
    /// What was made: a file, an envelope's header (its content is meant), or a digest
    #[arg(value_name = "FILE|DIGEST")]
    target: String,
    /// How: extracted, masked, generalised, tokenised, joined, aggregated, corrected, licence, document
    #[arg(long, value_name = "METHOD", value_parser = method)]
    method: DeriveMethod,
    /// From what: CODE@VERSION of the own resource, g:GRANT for what was received under it (g:GRANT=ENVELOPE or
    /// g:GRANT=SERVER/CONTENT for what was delivered), l:LICENCE, x:CHAIN:RECORD, or a file or d:DIGEST that was delivered,
    /// derived or anchored before; may be repeated
    #[arg(long, value_name = "SOURCE", required = true)]
    from: Vec<String>,
    /// A field of the grants that was used, by its name [default: all that they have]
    #[arg(long = "field", value_name = "NAME")]
    fields: Vec<String>,
    /// The rule or program that made it, a file or its digest
    #[arg(long, value_name = "FILE|DIGEST")]
    rule: String,
    /// For which purpose, by code
    #[arg(long, value_name = "CODE", value_parser = words::purpose)]
    purpose: Purpose,
    /// A pseudonym of a subject, where they are few
    #[arg(long = "subject", value_name = "DIGEST")]
    subjects: Vec<Digest>,
    #[command(flatten)]
    sending: Sending,
}

fn method(text: &str) -> Result<DeriveMethod, String> {
    let found = DeriveMethod::ALL.iter().find(|method| method.name() == text);
    found.copied().ok_or_else(|| {
        let known: Vec<_> = DeriveMethod::ALL.iter().map(|method| method.name()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

impl Derive {
    /// Records the derivation.
    pub(super) fn run(mut self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let own = OrganisationCode::new(&desk.signer.code()?).class(Class::Usage)?;
        let target = digest_of(&self.target)?;
        let sources = Sources { desk: &desk, own, fields: &self.fields };
        let sources = self.from.iter().map(|s| sources.read(s).map_err(|f| f.at(s)));
        let sources = sources.collect::<Done<Vec<_>>>()?;
        self.subjects.sort_unstable();
        let act = DeriveAct {
            target,
            method: self.method,
            sources,
            rule: digest_of(&self.rule)?,
            purpose: self.purpose.clone(),
            subjects: self.subjects.clone(),
        };
        let done = desk.send(&format!("data/derive/{target}"), DataAct::Derive(act))?;
        desk.told("derive", &done, target, self.method.name())
    }
}

/// A digest as it is, an envelope's content, or what a file is anchored by.
pub(super) fn digest_of(text: &str) -> Done<Digest> {
    if let Ok(digest) = text.parse() {
        return Ok(digest);
    }
    let bytes = files::read(Path::new(text))?;
    match Header::from_der(&bytes) {
        Ok(header) => Ok(header.claimed().digest()),
        Err(_) => anchored_digest(&bytes),
    }
}

struct Sources<'a> {
    desk: &'a Desk<'a>,
    own: OrganisationCode,
    fields: &'a [String],
}

impl Sources<'_> {
    fn read(&self, text: &str) -> Done<Source> {
        if let Some(rest) = text.strip_prefix("g:") {
            return self.grant(rest);
        }
        let node = Node::parse(text).or_else(|| Node::parse(&format!("r:{text}")));
        match node {
            Some(Node::Resource(version)) => Ok(Source::Resource(version)),
            Some(Node::Licence(identifier)) => Ok(Source::Licence(identifier)),
            Some(Node::Record(record)) => Ok(Source::Record(record)),
            Some(Node::Content(digest)) => self.content(digest),
            _ => self.content(digest_of(text)?),
        }
    }

    /// What this organisation delivered or derived itself, else a document of anybody.
    fn content(&self, digest: Digest) -> Done<Source> {
        let own: Option<ProvenanceState> =
            self.desk.state(&state_key::provenance(&self.own, &digest))?;
        if own.is_some() {
            return Ok(Source::Own(digest));
        }
        let _: DocumentState = send::known(&self.desk.client, &state_key::document(&digest))?;
        Ok(Source::Document(digest))
    }

    fn grant(&self, text: &str) -> Done<Source> {
        let (id, content) = match text.split_once('=') {
            Some((id, content)) => (id, Some(content)),
            None => (text, None),
        };
        let wrong = |_| Failure::new(Class::Usage, "no grant's id", "不是授权编号");
        let grant: Digest = id.parse().map_err(wrong)?;
        let state: GrantState = send::known(&self.desk.client, &state_key::grant(&grant))?;
        let content = content.map(|content| delivered(content, &state)).transpose()?;
        let fields = self.used(&state)?;
        Ok(Source::Grant(GrantedData { grant, fields, content }))
    }

    /// The named fields as far as this grant's resource has them: several resources may be joined.
    fn used(&self, grant: &GrantState) -> Done<FieldSet> {
        if self.fields.is_empty() {
            return Ok(grant.fields.clone());
        }
        let version: PublishResource = version(&self.desk.client, &grant.resource, grant.version)?;
        let named = |number: &u8| {
            let field = version.fields.get(usize::from(*number));
            field.is_some_and(|f| self.fields.iter().any(|name| *name == f.name.as_str()))
        };
        let used: FieldSet = grant.fields.iter().filter(named).collect();
        if used.is_empty() {
            return Err(Failure::new(
                Class::Usage,
                "the grant has none of the named fields",
                "该授权不含所列字段",
            ));
        }
        Ok(used)
    }
}

/// `SERVER/CONTENT`, or an envelope or content of the resource's owner.
fn delivered(text: &str, grant: &GrantState) -> Done<DeliveredContent> {
    let (server, content) = match text.split_once('/') {
        Some((server, rest)) if OrganisationCode::new(server).is_ok() => {
            (OrganisationCode::new(server).class(Class::Usage)?, rest)
        }
        _ => (grant.resource.owner(), text),
    };
    Ok(DeliveredContent { server, content: digest_of(content)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_read_by_their_names() {
        for known in DeriveMethod::ALL {
            assert_eq!(method(known.name()), Ok(*known));
        }
        assert!(method("melted").unwrap_err().contains("generalised"));
    }
}
