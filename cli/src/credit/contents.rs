//! Contents of items: filled in by a form, kept in a folder with their salts. The ledger sees digests.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use yinxin_credit::{Class as ItemClass, ClassTable, Content, Filled, Form, Forms};
use yinxin_gm::{Digest, sm3};
use yinxin_record::{ClassCode, ClassReference, Pseudonym, PublishClass, Subject, Wire, state_key};

use super::failure;
use crate::{
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    papers, send,
    submit::Client,
};

const SCHEMA: &str = "yinxin.credit-content/1";

/// Which classes and forms there are.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Tables {
    /// The table of classes [default: the one that comes with this program]
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// The forms of records [default: those that come with this program]
    #[arg(long, value_name = "FILE")]
    forms: Option<PathBuf>,
}

impl Tables {
    /// Reads the table of classes.
    pub(super) fn classes(&self) -> Done<ClassTable> {
        classes(self.classes.as_deref())
    }

    /// Reads the forms.
    pub(super) fn forms(&self) -> Done<Forms> {
        forms(self.forms.as_deref())
    }
}

/// Reads forms, or those that come with the program.
pub(crate) fn forms(path: Option<&Path>) -> Done<Forms> {
    match path {
        None => Forms::standard().map_err(|e| failure(&e)),
        Some(path) => {
            let forms = Forms::from_toml(&files::read_text(path)?);
            forms.map_err(|e| failure(&e)).at(path.display())
        }
    }
}

/// A content is written by the form that the ledger has for its class, and by no other: else nobody could read it by the published one.
/// A class that the ledger does not have is its own refusal.
pub(super) fn must_be_published(client: &Client, class: &ItemClass, forms: &Forms) -> Done {
    let ClassReference { code, version } = &class.reference;
    let leaf = state_key::credit_class_version(code, *version);
    match send::state::<PublishClass>(client, &leaf)? {
        Some(published) => same_form(forms, class, &published),
        None => Ok(()),
    }
}

/// The form at hand is the one that a published class names.
pub(crate) fn same_form(forms: &Forms, class: &ItemClass, published: &PublishClass) -> Done {
    let Err(error) = forms.must_be_published(&class.form, published) else { return Ok(()) };
    let (reference, form) = (&class.reference, &class.form);
    Err(Failure::new(
        Class::Usage,
        format!("form {form} at hand is not the one that {reference} was published with: {error}"),
        format!("所用表单 {form} 与 {reference} 发布时的表单不同：{error}"),
    )
    .todo(
        "give --forms with the forms that were published; a new form comes with a new version of the class",
        "请用 --forms 指定已发布的表单；修改表单须发布该类目的新版本",
    ))
}

/// Reads a table of classes, or the one that comes with the program.
pub(super) fn classes(path: Option<&Path>) -> Done<ClassTable> {
    match path {
        None => ClassTable::national().map_err(|e| failure(&e)),
        Some(path) => {
            let table = ClassTable::from_toml(&files::read_text(path)?);
            table.map_err(|e| failure(&e)).at(path.display())
        }
    }
}

/// Fills in the form of the version that judges the day of the decision.
pub(super) fn fill_judged<'t>(
    table: &'t ClassTable,
    forms: &Forms,
    code: &ClassCode,
    file: &Path,
    pseudonym: Option<&Subject>,
) -> Done<(&'t ItemClass, Filled)> {
    let values = values(file)?;
    // Which of the versions it is only its own form can say: names of fields are a form's.
    let versions = table.versions(code)?;
    for class in versions.iter().rev() {
        let form = forms.form(&class.form)?;
        if form.decided(|code| value(&values, form, code)).is_ok_and(|day| class.holds_on(day)) {
            return Ok((class, fill(form, file, pseudonym)?));
        }
    }
    let newest = versions.last().ok_or_else(|| Failure::bug("a class without versions"))?;
    let form = forms.form(&newest.form)?;
    let filled = fill(form, file, pseudonym)?;
    let class = table.at(code, filled.decided).map_err(|e| failure(&e)).at(file.display())?;
    Ok((class, filled))
}

/// A field's value, by its code or its name.
fn value<'v>(values: &'v BTreeMap<String, String>, form: &Form, code: &str) -> Option<&'v str> {
    let named = || form.fields.iter().find(|f| f.code == code).and_then(|f| values.get(&f.name));
    values.get(code).or_else(named).map(String::as_str)
}

/// Fills a form with the values of a file: TOML, or JSON by its name; fields by code or by name.
pub(super) fn fill(form: &Form, file: &Path, pseudonym: Option<&Subject>) -> Done<Filled> {
    let values = values(file)?;
    let value = |code: &str| value(&values, form, code);
    if let Some(unknown) =
        values.keys().find(|k| !form.fields.iter().any(|f| f.code == **k || f.name == **k))
    {
        let known: Vec<_> = form.fields.iter().map(|f| f.code.as_str()).collect();
        let known = known.join(", ");
        return Err(Failure::new(
            Class::Malformed,
            format!("form {} has no field {unknown:?}; it has {known}", form.id),
            format!("表单 {} 没有字段 {unknown:?}；现有：{known}", form.id),
        )
        .at(file.display()));
    }
    form.fill(value, person(pseudonym)?).map_err(|e| failure(&e)).at(file.display())
}

fn person(subject: Option<&Subject>) -> Done<Option<&Pseudonym>> {
    match subject {
        None => Ok(None),
        Some(Subject::Person(pseudonym)) => Ok(Some(pseudonym)),
        Some(_) => Err(Failure::new(
            Class::Usage,
            "--pseudonym expects CUSTODIAN:DIGEST; a company stands in the form",
            "--pseudonym 应为 保管方代码:摘要；企业应填写在表单中",
        )),
    }
}

fn values(file: &Path) -> Done<BTreeMap<String, String>> {
    let text = files::read_text(file)?;
    let json = file.extension().is_some_and(|e| e == "json");
    let read = if json {
        serde_json::from_str(&text).map_err(|e| e.to_string())
    } else {
        toml::from_str(&text).map_err(|e| e.to_string())
    };
    read.map_err(|why| Failure::new(Class::Malformed, why.clone(), why)).at(file.display()).map_err(
        |f| {
            f.todo(
                "expected text by field: CODE = \"VALUE\"",
                "应为按字段填写的文本：代码 = \"值\"",
            )
        },
    )
}

/// A folder of contents with their salts.
#[derive(Clone, Debug)]
pub(super) struct Contents {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    schema: String,
    digest: String,
    salt: String,
    content: String,
}

impl Contents {
    /// A folder; made when something is kept in it.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Keeps a content, on disk before anything of it is sent; the same content keeps its salt. What stands on the ledger for it.
    pub(super) fn keep(&self, content: &Content) -> Done<Digest> {
        let der = content.to_der();
        let path = self.folder.join(format!("{}.json", sm3::digest(&der)));
        if path.exists() {
            let (salt, _) = read(&path)?;
            return Ok(content.digest(&salt));
        }
        files::make_private_folder(&self.folder)?;
        let salt = papers::fresh();
        let digest = content.digest(&salt);
        let kept = Kept {
            schema: SCHEMA.to_owned(),
            digest: digest.to_string(),
            salt: salt.to_string(),
            content: STANDARD.encode(&der),
        };
        let json = serde_json::to_vec_pretty(&kept).map_err(Failure::bug)?;
        files::write(&path, &json, Access::Owner, Existing::Keep)?;
        Ok(digest)
    }

    /// All contents by their salted digests, each checked.
    pub(super) fn all(&self) -> Done<BTreeMap<Digest, (Digest, Content)>> {
        let mut all = BTreeMap::new();
        for path in files::list(&self.folder)? {
            if path.extension().is_some_and(|e| e == "json") {
                let (salt, content) = read(&path)?;
                all.insert(content.digest(&salt), (salt, content));
            }
        }
        Ok(all)
    }
}

fn read(path: &Path) -> Done<(Digest, Content)> {
    let wrong = |why: &str| {
        Failure::new(Class::Malformed, format!("no content: {why}"), format!("不是记录内容：{why}"))
            .at(path.display())
    };
    let kept: Kept =
        serde_json::from_slice(&files::read(path)?).map_err(|e| wrong(&e.to_string()))?;
    if kept.schema != SCHEMA {
        return Err(wrong(&format!("schema {:?}, expected {SCHEMA:?}", kept.schema)));
    }
    let der = STANDARD.decode(&kept.content).map_err(|e| wrong(&e.to_string()))?;
    let content = Content::from_der(&der).map_err(|e| wrong(&e.to_string()))?;
    let salt: Digest = kept.salt.parse().map_err(|_| wrong("its salt is no digest"))?;
    if content.digest(&salt).to_string() != kept.digest {
        return Err(wrong("its digest is another one's"));
    }
    Ok((salt, content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_keeps_its_salt_and_an_altered_one_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("row.toml");
        std::fs::write(
            &file,
            "MC = \"某某有限公司\"\nLB = \"02\"\nSHXYM = \"91350100M000100Y43\"\nBH = \"2026-1\"\n\
             NR = \"年报已公示\"\nRQ = \"2026-06-30\"\nJG = \"某局\"\nJGDM = \"11430000006122244L\"\n",
        )
        .unwrap();
        let forms = Forms::standard().unwrap();
        let form = forms.form("general").unwrap();
        let filled = fill(form, &file, None).unwrap();
        let contents = Contents::new(&dir.path().join("contents"));
        let digest = contents.keep(&filled.content).unwrap();
        assert_eq!(contents.keep(&filled.content).unwrap(), digest);
        assert_eq!(contents.all().unwrap()[&digest].1, filled.content);

        let path = files::list(&dir.path().join("contents")).unwrap().remove(0);
        let altered =
            std::fs::read_to_string(&path).unwrap().replace(&digest.to_string(), &"0".repeat(64));
        std::fs::write(&path, altered).unwrap();
        assert_eq!(contents.all().unwrap_err().class, Class::Malformed);
        std::fs::write(&file, "XX = \"1\"\n").unwrap();
        assert_eq!(fill(form, &file, None).unwrap_err().class, Class::Malformed);
    }
}
