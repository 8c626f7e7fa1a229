//! How much of anything is read before a package is refused.

use core::fmt;

/// What a package may have at most. Each default says where its number comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Attributes of one XML element. 64: the richest element of GB/T 33190, `CT_Text`, has 22 with its base types.
    pub attributes: usize,
    /// `DocBody` elements in OFD.xml. 64: real files have one; the standard bounds it nowhere.
    pub doc_bodies: usize,
    /// Entries in the archive. 20,000: a thousand-page book with ten images a page; below ZIP64's 65,535 on purpose.
    pub entries: usize,
    /// Bytes of the archive. 256 MiB: five times the largest scanned file that a licence system is known to accept (50 MB).
    pub archive_bytes: usize,
    /// Segments of an entry name. 16: the standard's deepest path has six.
    pub name_depth: usize,
    /// Bytes of an entry name. 512: what Windows' 260 characters come to in Chinese, and less than the format's 65,535.
    pub name_bytes: usize,
    /// Bytes out per byte in, once a package inflates to more than `ratio_free_bytes`. 200: text-heavy pages reach 50.
    pub ratio: usize,
    /// Bytes that a package may inflate to whatever its ratio. 16 MiB: harmless on any machine.
    pub ratio_free_bytes: usize,
    /// `Reference` elements of one signature. 20,000: one for each entry.
    pub references: usize,
    /// Signatures of one package. 256: an agenda signed by every member of a large body, and a signature costs a millisecond.
    pub signatures: usize,
    /// Bytes that all entries inflate to. 512 MiB: twice the largest archive, because most of a package is stored images.
    pub total_bytes: usize,
    /// Bytes of one XML file. 64 MiB: a page of a map with a million path segments.
    pub xml_bytes: usize,
    /// Depth of XML elements. 64: page blocks nest, but nobody's by more than a dozen.
    pub xml_depth: usize,
    /// Elements of an XML file that is kept in memory as a tree (lists, never pages). 200,000: ten for each entry.
    pub xml_elements: usize,
    /// Bytes of one comment or processing instruction. 64 KiB: a licence text in a comment.
    pub xml_misc_bytes: usize,
    /// Namespaces bound at one place. 64: real files bind three.
    pub xml_namespaces: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attributes: 64,
            doc_bodies: 64,
            entries: 20_000,
            archive_bytes: 256 << 20,
            name_depth: 16,
            name_bytes: 512,
            ratio: 200,
            ratio_free_bytes: 16 << 20,
            references: 20_000,
            signatures: 256,
            total_bytes: 512 << 20,
            xml_bytes: 64 << 20,
            xml_depth: 64,
            xml_elements: 200_000,
            xml_misc_bytes: 64 << 10,
            xml_namespaces: 64,
        }
    }
}

/// Which limit was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::archive_bytes`].
    ArchiveBytes,
    /// [`Limits::attributes`].
    Attributes,
    /// [`Limits::doc_bodies`].
    DocBodies,
    /// [`Limits::entries`].
    Entries,
    /// [`Limits::name_bytes`].
    NameBytes,
    /// [`Limits::name_depth`].
    NameDepth,
    /// [`Limits::ratio`].
    Ratio,
    /// [`Limits::references`].
    References,
    /// [`Limits::signatures`].
    Signatures,
    /// [`Limits::total_bytes`].
    TotalBytes,
    /// [`Limits::xml_bytes`].
    XmlBytes,
    /// [`Limits::xml_depth`].
    XmlDepth,
    /// [`Limits::xml_elements`].
    XmlElements,
    /// [`Limits::xml_misc_bytes`].
    XmlMiscBytes,
    /// [`Limits::xml_namespaces`].
    XmlNamespaces,
}

impl Limit {
    /// The thing counted, in English and Chinese.
    pub(crate) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ArchiveBytes => ("bytes in the archive", "文件包字节数"),
            Self::Attributes => ("attributes on one element", "单个元素的属性数"),
            Self::DocBodies => ("document bodies", "文档体数量"),
            Self::Entries => ("entries in the archive", "文件包条目数"),
            Self::NameBytes => ("bytes in an entry name", "条目名称字节数"),
            Self::NameDepth => ("segments in an entry name", "条目名称层数"),
            Self::Ratio => ("bytes inflated per byte stored", "压缩比"),
            Self::References => ("references in a signature", "签名引用数"),
            Self::Signatures => ("signatures", "签名数量"),
            Self::TotalBytes => ("bytes when inflated", "解压后字节数"),
            Self::XmlBytes => ("bytes in an XML file", "XML 文件字节数"),
            Self::XmlDepth => ("levels of XML elements", "XML 嵌套层数"),
            Self::XmlElements => ("XML elements", "XML 元素数"),
            Self::XmlMiscBytes => {
                ("bytes in a comment or processing instruction", "注释或处理指令字节数")
            }
            Self::XmlNamespaces => ("XML namespaces", "XML 命名空间数"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}
