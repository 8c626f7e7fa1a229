//! Refusals in words.

use yinxin_verdict::{Explain, Lang};

use super::Error;

pub(super) fn english(error: &Error) -> String {
    match error {
        Error::ActUnknown => "this ledger does not know such an act".to_owned(),
        Error::AlreadyApproved { organisation } => format!("{organisation} has voted already"),
        Error::AlreadyCommitted { record, height } => {
            format!("record {record} stands on the ledger since height {height}")
        }
        Error::BlockFull { max_bytes } => format!("the block is full at {max_bytes} bytes"),
        Error::BusinessKeyUsed { record, height } => {
            format!("the business key belongs to record {record} of height {height}")
        }
        Error::CertificateRevoked { organisation } => {
            format!("the certificate of {organisation} is revoked")
        }
        Error::CertificateRevokedBefore { digest } => format!("certificate {digest} was revoked"),
        Error::EffectiveHeight { min, max, found } => {
            format!("expected a height of {min} to {max} to take effect at, got {found}")
        }
        Error::Expired { last_valid_height, height } => {
            format!("the record was valid up to height {last_valid_height}, this is {height}")
        }
        Error::Genesis(error) => format!("the genesis is not complete: {error}"),
        Error::GenesisPowers { bits } => format!("the genesis names unknown powers ({bits:#x})"),
        Error::IdentifierForeign { identifier } => {
            format!("{identifier} names another type or issuer")
        }
        Error::KeyTaken { organisation } => format!("the key is that of {organisation}"),
        Error::LastOrganisation { organisation } => {
            format!("{organisation} is the last active organisation")
        }
        Error::LicenceExpired { until, time } => {
            format!("the licence was valid until {until}, the block is of {time}")
        }
        Error::LifetimeTooLong { max, found } => {
            format!("expected a last valid height of at most {max}, got {found}")
        }
        Error::NeverValid { identifier } => format!("{identifier} would end before it begins"),
        Error::NoQuorumLeft { kept, total } => format!(
            "those who validate now would hold {kept} of {total}; more than 2/3 must stay with them"
        ),
        Error::NotAuthority { authority } => format!("only {authority} may do this"),
        Error::NotIssuer { issuer } => format!("only {issuer}, which issued it, may do this"),
        Error::NotNextVersion { previous, next } => {
            format!("{next} is no later version of {previous}")
        }
        Error::OrganisationSuspended { organisation, until: Some(until) } => {
            format!("{organisation} is suspended until {until}")
        }
        Error::OrganisationSuspended { organisation, until: None } => {
            format!("{organisation} is suspended")
        }
        Error::OrganisationUnknown { organisation } => format!("{organisation} is not a member"),
        Error::OtherKey { expected, found } => {
            format!("expected a signature with key {expected}, got one with {found}")
        }
        Error::OtherLedger { expected, found } => {
            format!("expected a record for ledger {expected}, got one for {found}")
        }
        Error::OwnSuspension { organisation } => format!("{organisation} cannot suspend itself"),
        Error::PowerMissing { organisation, power } => {
            format!("{organisation} has not the power {}", power.name())
        }
        Error::PowerRange { max, found } => {
            format!("expected a validator's weight of 1 to {max}, got {found}")
        }
        Error::Record(error) => error.explain(Lang::En).what,
        Error::RulesUnworkable => "with these rules no block could hold a record".to_owned(),
        Error::SinceFuture { since, time } => {
            format!("expected a revocation since {time} or earlier, got {since}")
        }
        Error::Store(failure) => failure.to_string(),
        Error::TooMany { what, max } => format!("there are {max} {what}, the most there can be"),
        Error::TooManyPending { max } => format!("{max} accepted changes wait already"),
        Error::TypeUnknown { code } => format!("licence type {code} is not published"),
        Error::TypeVersion { published, found } => {
            format!("expected a version above {published}, got {found}")
        }
        Error::ValidatorSet(error) => format!("the validators make no set: {error}"),
        Error::ValidatorTwice => "a validator has this key or peer id already".to_owned(),
        Error::ValidatorUnknown => "no validator has this key".to_owned(),
    }
}

pub(super) fn chinese(error: &Error) -> String {
    match error {
        Error::ActUnknown => "本账本不支持该操作".to_owned(),
        Error::AlreadyApproved { organisation } => format!("{organisation} 已表决"),
        Error::AlreadyCommitted { record, height } => {
            format!("记录 {record} 已于高度 {height} 入账")
        }
        Error::BlockFull { max_bytes } => format!("区块已满（{max_bytes} 字节）"),
        Error::BusinessKeyUsed { record, height } => {
            format!("业务键已用于高度 {height} 的记录 {record}")
        }
        Error::CertificateRevoked { organisation } => format!("{organisation} 的证书已被吊销"),
        Error::CertificateRevokedBefore { digest } => format!("证书 {digest} 曾被吊销"),
        Error::EffectiveHeight { min, max, found } => {
            format!("生效高度应为 {min} 至 {max}，实为 {found}")
        }
        Error::Expired { last_valid_height, height } => {
            format!("记录有效至高度 {last_valid_height}，当前高度 {height}")
        }
        Error::Genesis(error) => format!("创世文件不完整：{}", error.explain(Lang::Zh).what),
        Error::GenesisPowers { bits } => format!("创世文件含未知权限（{bits:#x}）"),
        Error::IdentifierForeign { identifier } => format!("{identifier} 的类型或颁发机构不符"),
        Error::KeyTaken { organisation } => format!("该密钥属于 {organisation}"),
        Error::LastOrganisation { organisation } => format!("{organisation} 是最后一个有效机构"),
        Error::LicenceExpired { until, time } => format!("证照有效至 {until}，区块时间 {time}"),
        Error::LifetimeTooLong { max, found } => {
            format!("最后有效高度不得超过 {max}，实为 {found}")
        }
        Error::NeverValid { identifier } => format!("{identifier} 的有效期截止早于起始"),
        Error::NoQuorumLeft { kept, total } => {
            format!("现有验证者仅占 {kept}/{total}，必须超过三分之二")
        }
        Error::NotAuthority { authority } => format!("仅 {authority} 可执行"),
        Error::NotIssuer { issuer } => format!("仅颁发者 {issuer} 可执行"),
        Error::NotNextVersion { previous, next } => format!("{next} 不是 {previous} 的后续版本"),
        Error::OrganisationSuspended { organisation, until: Some(until) } => {
            format!("{organisation} 被暂停至 {until}")
        }
        Error::OrganisationSuspended { organisation, until: None } => {
            format!("{organisation} 已被暂停")
        }
        Error::OrganisationUnknown { organisation } => format!("{organisation} 不是成员"),
        Error::OtherKey { expected, found } => format!("应由密钥 {expected} 签名，实为 {found}"),
        Error::OtherLedger { expected, found } => format!("记录应属账本 {expected}，实为 {found}"),
        Error::OwnSuspension { organisation } => format!("{organisation} 不能暂停自己"),
        Error::PowerMissing { organisation, power } => {
            format!("{organisation} 没有权限 {}", power.name())
        }
        Error::PowerRange { max, found } => format!("验证者权重应为 1 至 {max}，实为 {found}"),
        Error::Record(error) => error.explain(Lang::Zh).what,
        Error::RulesUnworkable => "按此规则任何区块都容不下记录".to_owned(),
        Error::SinceFuture { since, time } => format!("吊销起始时间 {since} 晚于区块时间 {time}"),
        Error::Store(failure) => format!("无法读取状态：{}", failure.0),
        Error::TooMany { what, max } => format!("{what} 已达上限 {max}"),
        Error::TooManyPending { max } => format!("已有 {max} 项变更待生效"),
        Error::TypeUnknown { code } => format!("证照类型 {code} 尚未发布"),
        Error::TypeVersion { published, found } => format!("版本应高于 {published}，实为 {found}"),
        Error::ValidatorSet(error) => {
            format!("验证者集合无效：{}", error.explain(Lang::Zh).what)
        }
        Error::ValidatorTwice => "已有验证者使用该密钥或节点标识".to_owned(),
        Error::ValidatorUnknown => "没有使用该密钥的验证者".to_owned(),
    }
}
