//! Refusals in words.

use yinxin_record::DenialReason;
use yinxin_verdict::{Explain, Lang};

use super::{Error, phrases::chinese as phrase};

pub(super) fn english(error: &Error) -> String {
    match error {
        Error::ActUnknown => "this ledger does not know such an act".to_owned(),
        Error::AlreadyApproved { organisation } => format!("{organisation} has voted already"),
        Error::AlreadyCommitted { record, height } => {
            format!("record {record} stands on the ledger since height {height}")
        }
        Error::AlreadyErased { record, height } => {
            format!("record {record} of height {height} says so already")
        }
        Error::AlreadyPublished { digest } => format!("{digest} is published already"),
        Error::ApproverLevel { max, found } => format!(
            "the approver decides up to level {}, the request is of level {}",
            max.number(),
            found.number()
        ),
        Error::ApproverTwice { approver } => {
            format!("approver {approver} has approved; another person must confirm")
        }
        Error::ApproverUnknown { approver } => {
            format!("{approver} is no approver of the organisation")
        }
        Error::BlockFull { max_bytes } => format!("the block is full at {max_bytes} bytes"),
        Error::BusinessKeyUsed { record, height } => {
            format!("the business key belongs to record {record} of height {height}")
        }
        Error::CalendarUnknown { calendar } => format!("calendar {calendar} is not published"),
        Error::CertificateRevoked { organisation } => {
            format!("the certificate of {organisation} is revoked")
        }
        Error::CertificateRevokedBefore { digest } => format!("certificate {digest} was revoked"),
        Error::ContentOther { expected, found } => {
            format!("expected an envelope of content {expected}, got one of {found}")
        }
        Error::CountOther { last, found } => {
            format!("{last} refusals are vouched for already, the record says {found}")
        }
        Error::Credit(error) => error.words(Lang::En),
        Error::EffectiveHeight { min, max, found } => {
            format!("expected a height of {min} to {max} to take effect at, got {found}")
        }
        Error::EpochOther { last, found } => {
            format!("expected a turn after {last}, got {found}: the journal is an older copy")
        }
        Error::Expired { last_valid_height, height } => {
            format!("the record was valid up to height {last_valid_height}, this is {height}")
        }
        Error::FieldMoved { field } => format!("field {field} must keep its place and name"),
        Error::FieldUnknown { field, fields } => {
            format!("there is no field {field}: the resource has {fields}, from 0 on")
        }
        Error::Genesis(error) => format!("the genesis is not complete: {error}"),
        Error::GenesisPowers { bits } => format!("the genesis names unknown powers ({bits:#x})"),
        Error::IdentifierForeign { identifier } => {
            format!("{identifier} names another type or issuer")
        }
        Error::JournalBehind { told, found } => format!(
            "windows have told of {told} lines of this journal, it has {found}: an older copy"
        ),
        Error::JournalOther { journal } => {
            format!("another journal of this organisation answers for the resource: {journal}")
        }
        Error::KeyTaken { organisation } => format!("the key is that of {organisation}"),
        Error::LastOrganisation { organisation } => {
            format!("{organisation} is the last active organisation")
        }
        Error::LevelOther { expected, found } => {
            format!("expected level {}, got {}", expected.number(), found.number())
        }
        Error::LicenceExpired { until, time } => {
            format!("the licence was valid until {until}, the block is of {time}")
        }
        Error::LifetimeTooLong { max, found } => {
            format!("expected a last valid height of at most {max}, got {found}")
        }
        Error::MinuteRange { min, max, found } => {
            format!("expected a minute from {min} to {max}, got {found}")
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
        Error::NotOverdue { deadline, time } => {
            format!("the deadline is {deadline}, the block is of {time}")
        }
        Error::NotPermitted { reason } => format!("not permitted: {}", reason.name()),
        Error::NotShared { resource } => format!("{resource} is never shared"),
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
        Error::OtherVersion { expected, found } => {
            format!("expected version {expected} of the resource, got {found}")
        }
        Error::OwnResource { resource } => format!("{resource} is the own resource"),
        Error::OwnSuspension { organisation } => format!("{organisation} cannot suspend itself"),
        Error::PowerMissing { organisation, power } => {
            format!("{organisation} has not the power {}", power.name())
        }
        Error::PowerRange { max, found } => {
            format!("expected a validator's weight of 1 to {max}, got {found}")
        }
        Error::RecipientOther { expected, found } => {
            format!("the grant is for {expected}, not for {found}")
        }
        Error::Record(error) => error.explain(Lang::En).what,
        Error::ResourceUnknown { resource } => format!("resource {resource} is not published"),
        Error::RulesUnworkable => "with these rules no block could hold a record".to_owned(),
        Error::SinceFuture { since, time } => {
            format!("expected a revocation since {time} or earlier, got {since}")
        }
        Error::SourceUnknown { source } => {
            format!("the ledger knows no {source} of this organisation")
        }
        Error::Store(failure) => failure.to_string(),
        Error::TargetKnown { digest } => {
            format!("the organisation has said where {digest} comes from")
        }
        Error::TermsBeyond { what } => format!("more was granted than asked for: {what}"),
        Error::TimeRange { what, min, max, found } => {
            format!("{what}: expected a time from {min} to {max}, got {found}")
        }
        Error::TooMany { what, max } => format!("there are {max} {what}, the most there can be"),
        Error::TooManyPending { max } => format!("{max} accepted changes wait already"),
        Error::TurnUnknown { epoch, minute } => {
            format!("no turn {epoch} of this journal answered in minute {minute}")
        }
        Error::TypeUnknown { code } => format!("licence type {code} is not published"),
        Error::TypeVersion { published, found } => {
            format!("expected a version above {published}, got {found}")
        }
        Error::ValidatorSet(error) => format!("the validators make no set: {error}"),
        Error::ValidatorTwice => "a validator has this key or peer id already".to_owned(),
        Error::ValidatorUnknown => "no validator has this key".to_owned(),
        Error::WindowTwice { minute, record } => {
            format!("record {record} tells of minute {minute} already")
        }
    }
}

pub(super) fn chinese(error: &Error) -> String {
    match error {
        Error::ActUnknown => "本账本不支持该操作".to_owned(),
        Error::AlreadyApproved { organisation } => format!("{organisation} 已表决"),
        Error::AlreadyCommitted { record, height } => {
            format!("记录 {record} 已于高度 {height} 入账")
        }
        Error::AlreadyErased { record, height } => {
            format!("高度 {height} 的记录 {record} 已声明删除")
        }
        Error::AlreadyPublished { digest } => format!("{digest} 已发布"),
        Error::ApproverLevel { max, found } => {
            format!("审批人权限至 {} 级，申请为 {} 级", max.number(), found.number())
        }
        Error::ApproverTwice { approver } => {
            format!("审批人 {approver} 已审批，须由另一人复核")
        }
        Error::ApproverUnknown { approver } => format!("{approver} 不是该机构的审批人"),
        Error::BlockFull { max_bytes } => format!("区块已满（{max_bytes} 字节）"),
        Error::BusinessKeyUsed { record, height } => {
            format!("业务键已用于高度 {height} 的记录 {record}")
        }
        Error::CalendarUnknown { calendar } => format!("工作日历 {calendar} 尚未发布"),
        Error::CertificateRevoked { organisation } => format!("{organisation} 的证书已被吊销"),
        Error::CertificateRevokedBefore { digest } => format!("证书 {digest} 曾被吊销"),
        Error::ContentOther { expected, found } => {
            format!("信封内容应为 {expected}，实为 {found}")
        }
        Error::CountOther { last, found } => {
            format!("已担保 {last} 条拒绝记录，本记录所述为 {found} 条")
        }
        Error::Credit(error) => error.words(Lang::Zh),
        Error::EffectiveHeight { min, max, found } => {
            format!("生效高度应为 {min} 至 {max}，实为 {found}")
        }
        Error::EpochOther { last, found } => {
            format!("服务轮次应晚于 {last}，实为 {found}：该日志是较旧的副本")
        }
        Error::Expired { last_valid_height, height } => {
            format!("记录有效至高度 {last_valid_height}，当前高度 {height}")
        }
        Error::FieldMoved { field } => format!("字段 {field} 的位置与名称不得变更"),
        Error::FieldUnknown { field, fields } => {
            format!("没有字段 {field}：该资源共 {fields} 个字段，自 0 起")
        }
        Error::Genesis(error) => format!("创世文件不完整：{}", error.explain(Lang::Zh).what),
        Error::GenesisPowers { bits } => format!("创世文件含未知权限（{bits:#x}）"),
        Error::IdentifierForeign { identifier } => format!("{identifier} 的类型或颁发机构不符"),
        Error::JournalBehind { told, found } => {
            format!("该日志已有 {told} 行入账，现仅有 {found} 行：属较旧的副本")
        }
        Error::JournalOther { journal } => {
            format!("该资源现由本机构另一日志应答：{journal}")
        }
        Error::KeyTaken { organisation } => format!("该密钥属于 {organisation}"),
        Error::LastOrganisation { organisation } => format!("{organisation} 是最后一个有效机构"),
        Error::LevelOther { expected, found } => {
            format!("级别应为 {}，实为 {}", expected.number(), found.number())
        }
        Error::LicenceExpired { until, time } => format!("证照有效至 {until}，区块时间 {time}"),
        Error::LifetimeTooLong { max, found } => {
            format!("最后有效高度不得超过 {max}，实为 {found}")
        }
        Error::MinuteRange { min, max, found } => {
            format!("分钟应在 {min} 至 {max} 之间，实为 {found}")
        }
        Error::NeverValid { identifier } => format!("{identifier} 的有效期截止早于起始"),
        Error::NoQuorumLeft { kept, total } => {
            format!("现有验证者仅占 {kept}/{total}，必须超过三分之二")
        }
        Error::NotAuthority { authority } => format!("仅 {authority} 可执行"),
        Error::NotIssuer { issuer } => format!("仅颁发者 {issuer} 可执行"),
        Error::NotNextVersion { previous, next } => format!("{next} 不是 {previous} 的后续版本"),
        Error::NotOverdue { deadline, time } => format!("期限为 {deadline}，区块时间 {time}"),
        Error::NotPermitted { reason } => format!("不允许访问：{}", denial_zh(*reason)),
        Error::NotShared { resource } => format!("{resource} 不予共享"),
        Error::OrganisationSuspended { organisation, until: Some(until) } => {
            format!("{organisation} 被暂停至 {until}")
        }
        Error::OrganisationSuspended { organisation, until: None } => {
            format!("{organisation} 已被暂停")
        }
        Error::OrganisationUnknown { organisation } => format!("{organisation} 不是成员"),
        Error::OtherKey { expected, found } => format!("应由密钥 {expected} 签名，实为 {found}"),
        Error::OtherLedger { expected, found } => format!("记录应属账本 {expected}，实为 {found}"),
        Error::OtherVersion { expected, found } => {
            format!("资源版本应为 {expected}，实为 {found}")
        }
        Error::OwnResource { resource } => format!("{resource} 是本机构的资源"),
        Error::OwnSuspension { organisation } => format!("{organisation} 不能暂停自己"),
        Error::PowerMissing { organisation, power } => {
            format!("{organisation} 没有权限 {}", power.name())
        }
        Error::PowerRange { max, found } => format!("验证者权重应为 1 至 {max}，实为 {found}"),
        Error::RecipientOther { expected, found } => {
            format!("该授权属于 {expected}，不属于 {found}")
        }
        Error::Record(error) => error.explain(Lang::Zh).what,
        Error::ResourceUnknown { resource } => format!("数据资源 {resource} 尚未发布"),
        Error::RulesUnworkable => "按此规则任何区块都容不下记录".to_owned(),
        Error::SinceFuture { since, time } => format!("吊销起始时间 {since} 晚于区块时间 {time}"),
        Error::SourceUnknown { source } => format!("账本上没有该机构的 {source}"),
        Error::Store(failure) => format!("无法读取状态：{}", failure.0),
        Error::TargetKnown { digest } => format!("该机构已声明 {digest} 的来源"),
        Error::TermsBeyond { what } => format!("授权超出申请范围：{what}"),
        Error::TimeRange { what, min, max, found } => {
            format!("{}：时间应在 {min} 至 {max} 之间，实为 {found}", phrase(what))
        }
        Error::TooMany { what, max } => format!("{what} 已达上限 {max}"),
        Error::TooManyPending { max } => format!("已有 {max} 项变更待生效"),
        Error::TurnUnknown { epoch, minute } => {
            format!("该日志的第 {epoch} 轮未在分钟 {minute} 应答")
        }
        Error::TypeUnknown { code } => format!("证照类型 {code} 尚未发布"),
        Error::TypeVersion { published, found } => format!("版本应高于 {published}，实为 {found}"),
        Error::ValidatorSet(error) => {
            format!("验证者集合无效：{}", error.explain(Lang::Zh).what)
        }
        Error::ValidatorTwice => "已有验证者使用该密钥或节点标识".to_owned(),
        Error::ValidatorUnknown => "没有使用该密钥的验证者".to_owned(),
        Error::WindowTwice { minute, record } => format!("分钟 {minute} 已由记录 {record} 记载"),
    }
}

/// Why an access is denied.
const fn denial_zh(reason: DenialReason) -> &'static str {
    use DenialReason as R;
    match reason {
        R::NoGrant => "没有授权",
        R::NotYet => "授权尚未生效",
        R::Expired => "授权已到期",
        R::Revoked => "授权已撤销或退回",
        R::Withdrawn => "资源已下线",
        R::Volume => "超出授权数量",
        R::Purpose => "用途不符",
        R::Fields => "字段超出授权",
        R::Subjects => "对象超出授权",
        R::NegativeList => "属负面清单或不予共享",
        R::Caller => "调用方不是被授权方",
        R::Suspended => "被授权方已被暂停",
        R::Signature => "调用签名无效",
        R::Replayed => "重复调用",
        R::StaleLedger => "服务方账本过旧",
        R::Source => "服务方无法应答",
        _ => "其他",
    }
}
