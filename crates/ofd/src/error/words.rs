//! Errors in words, English and Chinese.

use yinxin_verdict::{Explain, Explanation, Lang};

use crate::OfdError;

impl OfdError {
    pub(super) fn english(&self) -> String {
        match self {
            Self::BadCrc { name, declared, found } => {
                format!("{name}: checksum {declared:08x} declared, {found:08x} found")
            }
            Self::BadDeflate { name } => format!("{name}: its compressed bytes cannot be inflated"),
            Self::BadValue { path, field, value } => {
                format!("{path}: {field} does not hold what it must, but {value:?}")
            }
            Self::DirectoryWithContent { name, bytes } => {
                format!("{name}: a folder, yet it holds {bytes} bytes")
            }
            Self::DuplicateName { first, second } => {
                format!("the names {first:?} and {second:?} cannot both stand in a package")
            }
            Self::Empty => "the archive has no entries".to_owned(),
            Self::Encrypted { name } => format!("{name}: encrypted"),
            Self::HeaderMismatch { name, field, central, local } => {
                format!("{name}: {field} {central} in the central directory, {local} at the entry")
            }
            Self::MissingElement { path, element } => format!("{path}: {element} is missing"),
            Self::MissingPart { from, path } => {
                format!("{path} is missing, though {from} names it")
            }
            Self::NameUnsafe { name, flaw } => format!("the name {name:?} is refused: {flaw}"),
            Self::NoSuchPage { asked, count } => {
                format!("number {asked} was asked for, but there are {count}, counted from 0")
            }
            Self::NotAnArchive { expected, offset } => {
                format!("{expected} expected at offset {offset}: not a ZIP archive, or cut off")
            }
            Self::OverLimit { limit, found, allowed, path } => {
                let at = if path.is_empty() { String::new() } else { format!("{path}: ") };
                format!("{at}{found} {limit}, at most {allowed} allowed")
            }
            Self::PathTaken { path } => format!("{path} is already in the package"),
            Self::RepeatedElement { path, element } => {
                format!("{path}: {element} stands more than once")
            }
            Self::SizeMismatch { name, declared, found } => {
                format!("{name}: {declared} bytes declared, {found} found")
            }
            Self::StrayBytes { offset, bytes } => {
                format!("{bytes} bytes at offset {offset} belong to no entry")
            }
            Self::UnsupportedMethod { name, method } => {
                format!("{name}: compression method {method}, where stored or deflated is expected")
            }
            Self::UnsupportedZip { feature } => {
                format!("the archive uses {feature}, which no OFD needs")
            }
            Self::WholeProtected { signature } => {
                format!("signature {signature} protects the list of signatures")
            }
            Self::WrongNamespace { path, found } => {
                format!("{path}: namespace {found:?}, expected {:?}", crate::xml::NAMESPACE)
            }
            Self::WrongRoot { path, expected, found } => {
                format!("{path}: element {expected} expected, {found} found")
            }
            Self::Xml { path, offset, flaw } => format!("{path}: {flaw} at byte {offset}"),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::BadCrc { name, declared, found } => {
                format!("{name}：校验和声明为 {declared:08x}，实为 {found:08x}")
            }
            Self::BadDeflate { name } => format!("{name}：压缩数据无法解压"),
            Self::BadValue { path, field, value } => {
                format!("{path}：{field} 的内容不合要求：{value:?}")
            }
            Self::DirectoryWithContent { name, bytes } => {
                format!("{name}：目录条目却含 {bytes} 字节")
            }
            Self::DuplicateName { first, second } => {
                format!("名称 {first:?} 与 {second:?} 不能同时存在")
            }
            Self::Empty => "文件包没有任何条目".to_owned(),
            Self::Encrypted { name } => format!("{name}：已加密"),
            Self::HeaderMismatch { name, field, central, local } => {
                format!("{name}：{field} 在中央目录为 {central}，在条目处为 {local}")
            }
            Self::MissingElement { path, element } => format!("{path}：缺少 {element}"),
            Self::MissingPart { from, path } => format!("{from} 引用的 {path} 不存在"),
            Self::NameUnsafe { name, flaw } => format!("名称 {name:?} 被拒绝：{}", flaw.words().1),
            Self::NoSuchPage { asked, count } => {
                format!("请求的序号为 {asked}，而共有 {count} 个（从 0 计）")
            }
            Self::NotAnArchive { expected, offset } => {
                format!("偏移 {offset} 处应为 {expected}：不是 ZIP 文件或已截断")
            }
            Self::OverLimit { limit, found, allowed, path } => {
                let at = if path.is_empty() { String::new() } else { format!("{path}：") };
                format!("{at}{}为 {found}，上限 {allowed}", limit.words().1)
            }
            Self::PathTaken { path } => format!("{path} 已在文件包中"),
            Self::RepeatedElement { path, element } => format!("{path}：{element} 出现多次"),
            Self::SizeMismatch { name, declared, found } => {
                format!("{name}：声明 {declared} 字节，实为 {found} 字节")
            }
            Self::StrayBytes { offset, bytes } => {
                format!("偏移 {offset} 处的 {bytes} 字节不属于任何条目")
            }
            Self::UnsupportedMethod { name, method } => {
                format!("{name}：压缩方法 {method}，只接受存储或 DEFLATE")
            }
            Self::UnsupportedZip { feature } => format!("文件包使用了 OFD 不需要的特性：{feature}"),
            Self::WholeProtected { signature } => format!("签名 {signature} 已保护签名列表"),
            Self::WrongNamespace { path, found } => {
                format!("{path}：命名空间为 {found:?}，应为 {:?}", crate::xml::NAMESPACE)
            }
            Self::WrongRoot { path, expected, found } => {
                format!("{path}：应为元素 {expected}，实为 {found}")
            }
            Self::Xml { path, offset, flaw } => format!("{path}：第 {offset} 字节处 {flaw}"),
        }
    }

    const fn todo(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoSuchPage { .. } => {
                ("Ask for a page that the document has.", "请指定文档中存在的页。")
            }
            Self::PathTaken { .. } => ("Choose another path.", "请另选路径。"),
            Self::WholeProtected { .. } => (
                "No further signature can be added; sign a copy from before that signature.",
                "不能再追加签名；请在该签名之前的副本上签。",
            ),
            Self::OverLimit { .. } => (
                "If the file is known to be good, raise the limit; otherwise treat it as an attack.",
                "如确认文件可靠，可提高上限；否则应视为攻击。",
            ),
            Self::NotAnArchive { .. } | Self::SizeMismatch { .. } | Self::BadCrc { .. } => {
                ("Fetch the file again from where it was issued.", "请从签发方重新获取该文件。")
            }
            _ => (
                "Do not use the file; ask its issuer for a proper one.",
                "请勿使用该文件，并向签发方索取正确的文件。",
            ),
        }
    }
}

impl Explain for OfdError {
    fn explain(&self, lang: Lang) -> Explanation {
        let (en, zh) = self.todo();
        let what = match lang {
            Lang::En => self.english(),
            Lang::Zh => self.chinese(),
        };
        Explanation { what, todo: lang.pick(en, zh).to_owned() }
    }
}
