//! The words that errors are made of.

use yinxin_verdict::Lang;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $en:literal $zh:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name { $(#[doc = concat!("«", $en, "».")] $variant,)* }

        impl $name {
            pub(super) const fn say(self, lang: Lang) -> &'static str {
                match lang {
                    Lang::En => match self { $(Self::$variant => $en,)* },
                    Lang::Zh => match self { $(Self::$variant => $zh,)* },
                }
            }
        }
    };
}

words! {
    /// What a piece of input was taken for.
    Kind {
    Certificate  "certificate"         "证书"
    Crl          "revocation list"     "吊销列表"
    Csr          "certificate request" "证书请求"
    EnvelopedData "enveloped message"  "数字信封消息"
    KeyFile      "key file"            "密钥文件"
    Name         "name"                "名称"
    Pem          "PEM file"            "PEM 文件"
    PublicKey    "public key"          "公钥"
    Signature    "signature value"     "签名值"
    SignedData   "signed message"      "签名消息"
    }
}

words! {
    /// What a value in a certificate has to be.
    Rule {
    AsciiText        "1 to 255 ASCII characters"                  "1 至 255 个 ASCII 字符"
    Country          "a country of two capital letters"           "两个大写字母的国家代码"
    NoControl        "free of control characters"                 "不含控制字符的文本"
    NotEmpty         "a name: it is empty"                        "名称：内容为空"
    OrganisationCode "a unified social credit code of 18 characters" "18 位统一社会信用代码"
    Printable        "made of letters, digits and simple punctuation" "由字母、数字和简单标点组成的文本"
    Short            "at most 64 characters"                      "不超过 64 个字符的文本"
    }
}

words! {
    /// What there can be too many of.
    Counted {
    Certificates "certificates"    "证书"
    Extensions   "extensions"      "扩展"
    PemBlocks    "PEM blocks"      "PEM 块"
    Recipients   "recipients"      "接收者"
    Signers      "signers"         "签名者"
    }
}
