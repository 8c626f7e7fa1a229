//! What whoever was refused can do about it, by the refusal's code: all that travels beside its words.

use yinxin_verdict::Lang;

/// What to do about a refusal; empty where nothing can be done, and for codes of other versions.
#[must_use]
pub fn advice(code: &str, lang: Lang) -> &'static str {
    let (en, zh) = match code {
        "ACT_UNKNOWN" => {
            ("bring the nodes to this program's version first", "请先将各节点升级到本程序版本")
        }
        "ALREADY_APPROVED" => ("nothing: the vote counts already", "无需处理：此前的表决已计入"),
        "ALREADY_COMMITTED" => {
            ("fetch its receipt: yinxin ledger get", "取回其回执：yinxin ledger get")
        }
        "ALREADY_RECOGNISED" => ("nothing: rest on that item", "无需处理：以该记录为准"),
        "ALREADY_RECORDED" => (
            "correct that item if it is wrong; a new item needs a new decision",
            "记录有误请更正；新记录须有新的决定",
        ),
        "ALREADY_REPAIRED" => ("nothing: it is no longer shown", "无需处理：该记录已停止公示"),
        "ASSET_PLEDGED" => {
            ("ask that organisation, or take another asset", "请联系该机构，或另选资产")
        }
        "BACK_DATED" => (
            "record it as a decision of its true day, or let the authority publish a class that allows it",
            "请按真实日期登记，或由主管部门发布允许该日期的类目",
        ),
        "BASIS_OTHER" | "BASIS_UNKNOWN" => (
            "name what it truly rests on, once that stands on the ledger",
            "请注明真实依据，且该依据须已入账",
        ),
        "BATCH_VOLUME" => ("send it in smaller batches", "请分批提交"),
        "BEFORE_MINIMUM" => ("apply again on that day", "请于该日起再次办理"),
        "BLOCK_FULL" => ("nothing: it goes into a later block", "无需处理：将进入后续区块"),
        "BUSINESS_KEY_USED" => (
            "look whether that record is what you meant; otherwise choose another business key",
            "核对该记录是否即本次业务，否则更换业务键",
        ),
        "CERTIFICATE_REVOKED" => (
            "have a new key certified, and let the members rotate to it",
            "请申领新密钥证书，并由成员表决轮换密钥",
        ),
        "CERTIFICATE_REVOKED_BEFORE" => ("have another certificate issued", "请另行申领证书"),
        "CHAIN_OTHER" => (
            "read the subject's records again, all of them and in order",
            "请重新读取该主体的全部记录并按序核对",
        ),
        "CHAIN_SHORT" => {
            ("take the view again, from all records that there are", "请依据现有全部记录重新查询")
        }
        "CLASS_NOT_IN_FORCE" => (
            "name the version that was in force on the day of the decision",
            "请使用决定之日有效的类目版本",
        ),
        "CLASS_UNKNOWN" => ("let an authority publish it first", "请主管部门先行发布"),
        "COUNT_OTHER" => ("nothing: those are vouched for", "无需处理：这些记录已担保"),
        "CUSTODIAN_UNKNOWN" => ("let an authority appoint one", "请主管部门指定登记机构"),
        "DATE_RANGE" | "TIME_RANGE" => {
            ("choose a date within the limits", "请在允许范围内选择日期")
        }
        "DEADLINE_OTHER" => ("do as the class says", "请按类目规定填写"),
        "EFFECTIVE_HEIGHT" => (
            "propose it again for a later height: --after BLOCKS",
            "请以更晚的生效高度重新提出：--after 区块数",
        ),
        "DEBT_REGISTERED" => {
            ("rest on that asset, or have it retired first", "请以该资产为准，或先行注销")
        }
        "INCLUSION_BAD" => (
            "make the proof again from the batch that the source published",
            "请以来源公布的批次重新生成证明",
        ),
        "EPOCH_OTHER" | "JOURNAL_BEHIND" | "JOURNAL_OTHER" => (
            "go on with the folder that answered last; if it is lost: yinxin data serve --take-over",
            "请用最近应答的目录继续；若已遗失：yinxin data serve --take-over",
        ),
        "EVIDENCE_MISSING" => ("add evidence of that kind", "请补充该类证明材料"),
        "EXPIRED" | "LIFETIME_TOO_LONG" => {
            ("sign it again with a last valid height that fits", "以合适的最后有效高度重新签名")
        }
        "GENESIS" => (
            "let every organisation sign: yinxin ledger genesis sign",
            "请各机构签名：yinxin ledger genesis sign",
        ),
        "IDENTIFIER_FOREIGN" => (
            "issue under a type and an organisation that the identifier names",
            "请使用与标识一致的证照类型和颁发机构",
        ),
        "ILLEGAL_MOVE" => {
            ("ask how it stands: yinxin ledger status", "请查询其当前状态：yinxin ledger status")
        }
        "KEY_TAKEN" => ("make a key of its own: yinxin key new", "请另行生成密钥：yinxin key new"),
        "LAST_ORGANISATION" => ("resume another one first", "请先恢复其他机构"),
        "LAW_OTHER" => ("cite one of the laws of the class", "请引用类目所列法律依据"),
        "LICENCE_EXPIRED" => ("issue a new one", "请重新签发"),
        "MEASURE_OTHER" => ("apply only what the list's class names", "仅可采取该名单类目所列措施"),
        "NEVER_VALID" | "SINCE_FUTURE" => ("correct the date", "请更正日期"),
        "NOT_AUTHORITY" | "NOT_ISSUER" => ("let that organisation do it", "请由该机构办理"),
        "NOT_LISTED" => ("have the subject entered on a list first", "请先依规将该主体列入名单"),
        "NOT_OVERDUE" => ("wait for the deadline", "请待期限届满"),
        "NOT_REPAIRABLE" => ("wait until its term is over", "请待公示期届满"),
        "NOT_NEXT_VERSION" => (
            "ask which version is in force: yinxin licence status",
            "请查询现行版本：yinxin licence status",
        ),
        "NO_QUORUM_LEFT" => (
            "give the present validators more weight first, or change fewer at once",
            "先提高现有验证者权重，或一次少改几个",
        ),
        "OBJECTION_OPEN" => (
            "wait until your objection is resolved, or drop it",
            "请待本机构所提异议办结，或先撤回",
        ),
        "ORGANISATION_SUSPENDED" => {
            ("wait for its end, or ask the members to resume it", "请等待期满，或请成员机构恢复")
        }
        "ORGANISATION_UNKNOWN" => (
            "check the code; members are added by yinxin member propose add-organisation",
            "请核对代码；新成员由 yinxin member propose add-organisation 加入",
        ),
        "OTHER_KEY" => ("sign with the organisation's present key", "请用机构当前密钥签名"),
        "OTHER_LEDGER" => {
            ("check which genesis the trust folder holds", "核对信任目录中的创世文件")
        }
        "OWN_SUSPENSION" => ("let others vote", "请由其他机构表决"),
        "PERIOD_PAST" => ("nothing: it is no longer shown", "无需处理：该记录已停止公示"),
        "POWER_MISSING" => (
            "let the members grant it: yinxin member propose set-powers",
            "请成员机构授予：yinxin member propose set-powers",
        ),
        "POWER_RANGE" | "RULES_UNWORKABLE" | "TOO_MANY" | "VALIDATOR_SET" => {
            ("choose values within the limits", "请在允许范围内取值")
        }
        "RECORD" | "SIGNATURE" => ("make and sign the record again", "请重新生成并签名该记录"),
        "REPAIR_OPEN" => ("wait until your application is decided", "请待本机构所提申请办结"),
        "ROOT_OTHER" | "SEQUENCE_OTHER" => (
            "go on from the batch that stands on the ledger: yinxin ledger status credit-source",
            "请自账本上最后一批续接：yinxin ledger status credit-source",
        ),
        "GRANT_EXPIRED" | "GRANT_NOT_YET" | "GRANT_REVOKED" | "GRANT_UNKNOWN" | "WRONG_FIELDS"
        | "WRONG_PURPOSE" | "WRONG_READER" | "WRONG_SUBJECT" => {
            ("have it granted for what is needed", "请按实际需要取得授权")
        }
        "STORE" => (
            "look at the node's disk and its log; the node stops rather than guess",
            "检查节点磁盘与日志；节点宁停不猜",
        ),
        "TOO_MANY_PENDING" => ("wait until some have taken effect", "请等待部分变更生效后再提出"),
        "SUBJECT_KEY_UNKNOWN" => {
            ("let an authority register the subject's key", "请主管部门登记该主体的密钥")
        }
        "TURN_OTHER" => {
            ("let the owner sign again for the present turn", "请所有人就当前序次重新签名")
        }
        "TURN_UNKNOWN" => (
            "tell it by the turn that answered then: yinxin ledger status serving-turn",
            "请按当时应答的轮次上报：yinxin ledger status serving-turn",
        ),
        "TYPE_UNKNOWN" => {
            ("publish it first: yinxin licence type", "请先发布：yinxin licence type")
        }
        "SECRET_KNOWN" => (
            "use that secret: pseudonyms made with another one are other people",
            "请使用该密钥：另一密钥生成的假名指向他人",
        ),
        "TYPE_VERSION" | "VERSION_OTHER" => ("give it a higher version", "请提高其版本号"),
        "UNTIL_MISSING" => (
            "write the day into the form: the general one has JZQ",
            "请在表中填写该日（通用表为 JZQ）",
        ),
        "VALIDATOR_TWICE" => ("use the entry of another node", "请使用其他节点的条目"),
        "VALIDATOR_UNKNOWN" => {
            ("check the entry: yinxin node status", "请核对条目：yinxin node status")
        }
        "WORD_KNOWN" => (
            "nothing to do; to say more, have the subject sign another statement",
            "无需再次提交；如需补充，请主体另行签署",
        ),
        _ => ("", ""),
    };
    lang.pick(en, zh)
}
