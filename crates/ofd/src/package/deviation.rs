//! What differs from the standard and harms nobody.

use core::fmt;

use yinxin_verdict::Lang;

use crate::xml;

/// Something that differs from the standard's form and that every reader understands alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Deviation {
    /// The file in which it was found; empty for the archive.
    pub path: String,
    /// What it is.
    pub kind: DeviationKind,
}

/// What a deviation is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DeviationKind {
    /// The archive carries a comment.
    ArchiveComment,
    /// The namespace that was in use before the standard was published.
    DraftNamespace,
    /// An entry's name is UTF-8 and not ASCII, and does not say so.
    NameEncodingUnstated,
    /// A part that is referred to is missing, and nothing drawn depends on it.
    PartMissing(String),
    /// A reference that differs in case from the name of the file it means.
    ReferenceCase(String),
    /// A reference written with doubled slashes, backslashes, dots or white space.
    ReferenceForm(String),
    /// A relative reference that holds only when read from the package's root.
    ReferenceFromRoot(String),
    /// Sizes in a ZIP64 field though they need none.
    Zip64Sizes,
}

impl DeviationKind {
    /// The deviation in words.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        match self {
            Self::ArchiveComment => lang.pick("archive comment", "文件包带注释").to_owned(),
            Self::DraftNamespace => {
                format!("{} {}", lang.pick("draft namespace", "草案命名空间"), xml::NAMESPACE_DRAFT)
            }
            Self::NameEncodingUnstated => {
                lang.pick("name is UTF-8 without saying so", "名称为 UTF-8 而未声明").to_owned()
            }
            Self::PartMissing(p) => format!("{} {p}", lang.pick("missing part", "缺少部件")),
            Self::ReferenceCase(r) => {
                format!("{} {r}", lang.pick("reference differs in case:", "引用大小写不符："))
            }
            Self::ReferenceForm(r) => {
                format!("{} {r}", lang.pick("oddly written reference", "引用写法不规范："))
            }
            Self::ReferenceFromRoot(r) => {
                format!("{} {r}", lang.pick("reference from the root", "引用相对于根目录："))
            }
            Self::Zip64Sizes => {
                lang.pick("sizes in a ZIP64 field", "大小写在 ZIP64 字段中").to_owned()
            }
        }
    }
}

impl fmt::Display for DeviationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}
