//! Catalogues as DCAT-AP in JSON-LD. What DCAT has no word for stands under our own names, so that reading back gives the same.

mod measured;

use std::{
    cell::Cell,
    fmt,
    io::{self, BufReader, Read, Write},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::{Map, Value, json};
use yinxin_record::{
    Duty, FieldKind, Level, OrganisationCode, ResourceCode, SharingClass, UpdateCycle,
};

use self::measured::{MOST, Measured};
use super::{
    DutyEntry, Resource, ResourceItem,
    resource::ResourceDraft,
    words::{CLASSES, CYCLES, DUTIES, KINDS, LEVELS, Words},
};
use crate::Error;

/// Largest file, bytes: as a table's, for the names of members take the place of repeated columns.
const FILE_MAX: u64 = 512 << 20;

/// How many characters of an identifier are shown that is no resource of ours.
const ID_SHOWN: usize = 64;

/// The vocabularies of DCAT-AP: how often, and who may have it.
const FREQUENCY: &str = "http://publications.europa.eu/resource/authority/frequency/";
const ACCESS: &str = "http://publications.europa.eu/resource/authority/access-right/";
const PREFIX: &str = "urn:yinxin:resource:";
const CATALOGUE: &str = "urn:yinxin:catalogue";
const TYPE: &str = "dcat:Catalog";

/// A catalogue as one JSON-LD document, whole in memory: for more than some thousand resources see [`write_dcat`].
///
/// # Panics
/// Never: all members are named by texts.
#[must_use]
pub fn to_dcat<'a>(title: &str, resources: impl IntoIterator<Item = &'a Resource>) -> Value {
    let resources: Vec<&Resource> = resources.into_iter().collect();
    serde_json::to_value(written(title, resources.into_iter())).expect("members are named by texts")
}

/// Writes the document of [`to_dcat`], indented, one resource after the other: memory does not grow with the catalogue.
///
/// # Errors
/// [`Error::Io`].
pub fn write_dcat<'a, I>(title: &str, resources: I, mut out: impl Write) -> Result<(), Error>
where
    I: IntoIterator<Item = &'a Resource>,
    I::IntoIter: Clone,
{
    let document = written(title, resources.into_iter());
    serde_json::to_writer_pretty(&mut out, &document).map_err(|e| Error::io(&e.into()))?;
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(|e| Error::io(&e))
}

/// The members in the order in which [`Value`] has them.
#[derive(Serialize)]
struct Written<D> {
    #[serde(rename = "@context")]
    context: Value,
    #[serde(rename = "@id")]
    id: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "dcat:dataset")]
    datasets: D,
    #[serde(rename = "dct:title")]
    title: Value,
}

fn written<I>(title: &str, resources: I) -> Written<Datasets<I>> {
    let (context, title) = (context(), zh(title));
    Written { context, id: CATALOGUE, kind: TYPE, datasets: Datasets(resources), title }
}

struct Datasets<I>(I);

impl<'a, I: Iterator<Item = &'a Resource> + Clone> Serialize for Datasets<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone().map(dataset))
    }
}

fn context() -> Value {
    json!({
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "yx": "urn:yinxin:catalogue:",
    })
}

fn dataset(resource: &Resource) -> Value {
    let items: Vec<Value> = resource
        .items()
        .iter()
        .map(|item| {
            json!({
                "@type": "yx:Item",
                "dct:title": zh(&item.name),
                "yx:kind": KINDS.write(item.kind),
                "yx:level": LEVELS.write(item.level),
                "yx:mask": item.mask.to_string(),
            })
        })
        .collect();
    // Nothing that departments share is public for that; who has no share in it has no access.
    let access = match resource.class() {
        SharingClass::Never => "NON_PUBLIC",
        _ => "RESTRICTED",
    };
    let mut dataset = json!({
        "@id": format!("{PREFIX}{}", resource.code()),
        "@type": "dcat:Dataset",
        "dct:identifier": resource.code().catalogue_code(),
        "dct:title": zh(resource.name()),
        "dct:description": zh(resource.summary()),
        "dct:publisher": {
            "@type": "foaf:Agent",
            "dct:identifier": resource.owner().to_string(),
            "foaf:name": zh(resource.owner_name()),
        },
        "dcat:version": resource.version().to_string(),
        "dct:accrualPeriodicity": { "@id": format!("{FREQUENCY}{}", frequency(resource.cycle())) },
        "dct:accessRights": { "@id": format!("{ACCESS}{access}") },
        "yx:class": CLASSES.write(resource.class()),
        "yx:condition": resource.condition(),
        "yx:basis": resource.basis(),
        "yx:cycle": CYCLES.write(resource.cycle()),
        "yx:item": items,
    });
    if !resource.duties().is_empty() {
        dataset["yx:responsibility"] = resource.duties().iter().map(duty_of).collect();
    }
    dataset
}

fn duty_of(entry: &DutyEntry) -> Value {
    json!({
        "yx:duty": DUTIES.write(entry.duty),
        "yx:organisation": entry.organisation.as_str(),
        "yx:term": entry.term,
        "yx:basis": entry.basis,
    })
}

fn zh(text: &str) -> Value {
    json!({ "@language": "zh", "@value": text })
}

const fn frequency(cycle: UpdateCycle) -> &'static str {
    match cycle {
        UpdateCycle::Irregular => "IRREG",
        UpdateCycle::RealTime => "UPDATE_CONT",
        UpdateCycle::Daily => "DAILY",
        UpdateCycle::Weekly => "WEEKLY",
        UpdateCycle::Monthly => "MONTHLY",
        UpdateCycle::Quarterly => "QUARTERLY",
        UpdateCycle::HalfYearly => "ANNUAL_2",
        UpdateCycle::Yearly => "ANNUAL",
        _ => "OTHER",
    }
}

/// Reads a catalogue in the form that [`to_dcat`] writes: compact, with these prefixes. It fetches no context of others, and holds one data
/// set at a time beside the resources.
///
/// # Errors
/// [`Error::ConfigBad`] for another document, or the first data set that is no resource; [`Error::TooMany`], [`Error::Io`].
pub fn from_dcat(input: impl Read) -> Result<Vec<Resource>, Error> {
    let mut input = BufReader::new(input.take(FILE_MAX + 1));
    let read = serde_json::from_reader(&mut input);
    if input.get_ref().limit() == 0 {
        return Err(Error::TooMany {
            what: "octets of a catalogue",
            max: FILE_MAX,
            found: FILE_MAX + 1,
        });
    }
    let Document { kind, datasets } = read.map_err(|e| {
        if e.is_io() { Error::io(&io::Error::from(e)) } else { bad("document", &e.to_string()) }
    })?;
    if kind != TYPE {
        return Err(bad("document", "no dcat:Catalog"));
    }
    datasets
}

/// What is read of a document.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "@type")]
    kind: String,
    #[serde(rename = "dcat:dataset", deserialize_with = "each")]
    datasets: Result<Vec<Resource>, Error>,
}

/// Each data set as a resource at once; after the first that is none the others are passed over.
fn each<'de, D: Deserializer<'de>>(input: D) -> Result<Result<Vec<Resource>, Error>, D::Error> {
    struct Each;
    impl<'de> Visitor<'de> for Each {
        type Value = Result<Vec<Resource>, Error>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("data sets")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut resources = Vec::new();
            while let Some(value) = seq.next_element_seed(Measured(&Cell::new(MOST)))? {
                match resource(&value) {
                    Ok(resource) => resources.push(resource),
                    Err(error) => {
                        while seq.next_element::<IgnoredAny>()?.is_some() {}
                        return Ok(Err(error));
                    }
                }
            }
            Ok(Ok(resources))
        }
    }
    input.deserialize_seq(Each)
}

fn resource(value: &Value) -> Result<Resource, Error> {
    let id = value["@id"].as_str().unwrap_or_default();
    let code = id.strip_prefix(PREFIX).and_then(|code| ResourceCode::new(code).ok());
    let code = code.ok_or_else(|| bad(id, "no resource of ours"))?;
    let object = value.as_object().ok_or_else(|| bad(id, "no object"))?;
    let version = text(object, "dcat:version", id)?;
    let items = value["yx:item"].as_array().ok_or_else(|| bad(id, "no items"))?;
    let agent = value["dct:publisher"].as_object().ok_or_else(|| bad(id, "no publisher"))?;
    if text(agent, "dct:identifier", id)? != code.owner().as_str() {
        return Err(bad(id, "another publisher than the code names"));
    }
    Resource::new(ResourceDraft {
        owner_name: text(agent, "foaf:name", id)?.to_owned(),
        version: version.parse().map_err(|_| bad(id, "no version"))?,
        name: text(object, "dct:title", id)?.to_owned(),
        summary: text(object, "dct:description", id)?.to_owned(),
        class: word::<SharingClass>(object, "yx:class", &CLASSES, id)?,
        condition: text(object, "yx:condition", id)?.to_owned(),
        basis: text(object, "yx:basis", id)?.to_owned(),
        cycle: word::<UpdateCycle>(object, "yx:cycle", &CYCLES, id)?,
        items: items.iter().map(|i| item(i, id)).collect::<Result<_, _>>()?,
        code: code.clone(),
    })?
    .with_duties(&duties(object, &code, id)?)
}

fn duties(
    object: &Map<String, Value>,
    code: &ResourceCode,
    id: &str,
) -> Result<Vec<DutyEntry>, Error> {
    let Some(list) = object.get("yx:responsibility") else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| bad(id, "responsibilities are no list"))?;
    let entry = |value: &Value| {
        let object = value.as_object().ok_or_else(|| bad(id, "a responsibility is no object"))?;
        let organisation = text(object, "yx:organisation", id)?;
        Ok(DutyEntry {
            resource: code.clone(),
            duty: word::<Duty>(object, "yx:duty", &DUTIES, id)?,
            organisation: OrganisationCode::new(organisation)
                .map_err(|_| bad(id, "yx:organisation is no organisation's code"))?,
            term: text(object, "yx:term", id)?.to_owned(),
            basis: text(object, "yx:basis", id)?.to_owned(),
        })
    };
    list.iter().map(entry).collect()
}

fn item(value: &Value, id: &str) -> Result<ResourceItem, Error> {
    let object = value.as_object().ok_or_else(|| bad(id, "an item is no object"))?;
    Ok(ResourceItem {
        name: text(object, "dct:title", id)?.to_owned(),
        kind: word::<FieldKind>(object, "yx:kind", &KINDS, id)?,
        level: word::<Level>(object, "yx:level", &LEVELS, id)?,
        mask: text(object, "yx:mask", id)?.parse()?,
    })
}

/// A plain text, or one with its language.
fn text<'a>(object: &'a Map<String, Value>, name: &str, id: &str) -> Result<&'a str, Error> {
    let value = object.get(name).ok_or_else(|| bad(id, &format!("no {name}")))?;
    let plain = value.get("@value").unwrap_or(value);
    plain.as_str().ok_or_else(|| bad(id, &format!("{name} is no text")))
}

fn word<T: Copy + PartialEq>(
    object: &Map<String, Value>,
    name: &str,
    words: &Words<T>,
    id: &str,
) -> Result<T, Error> {
    words.read(text(object, name, id)?)
}

fn bad(id: &str, why: &str) -> Error {
    // An identifier of theirs may be of any length.
    let id: String = id.chars().take(ID_SHOWN).collect();
    Error::ConfigBad { what: "DCAT", why: format!("{id}: {why}") }
}
