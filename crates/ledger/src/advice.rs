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
        "EFFECTIVE_HEIGHT" => (
            "propose it again for a later height: --after BLOCKS",
            "请以更晚的生效高度重新提出：--after 区块数",
        ),
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
        "LICENCE_EXPIRED" => ("issue a new one", "请重新签发"),
        "NEVER_VALID" | "SINCE_FUTURE" => ("correct the date", "请更正日期"),
        "NOT_AUTHORITY" | "NOT_ISSUER" => ("let that organisation do it", "请由该机构办理"),
        "NOT_NEXT_VERSION" => (
            "ask which version is in force: yinxin licence status",
            "请查询现行版本：yinxin licence status",
        ),
        "NO_QUORUM_LEFT" => (
            "give the present validators more weight first, or change fewer at once",
            "先提高现有验证者权重，或一次少改几个",
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
        "POWER_MISSING" => (
            "let the members grant it: yinxin member propose set-powers",
            "请成员机构授予：yinxin member propose set-powers",
        ),
        "POWER_RANGE" | "RULES_UNWORKABLE" | "TOO_MANY" | "VALIDATOR_SET" => {
            ("choose values within the limits", "请在允许范围内取值")
        }
        "RECORD" | "SIGNATURE" => ("make and sign the record again", "请重新生成并签名该记录"),
        "STORE" => (
            "look at the node's disk and its log; the node stops rather than guess",
            "检查节点磁盘与日志；节点宁停不猜",
        ),
        "TOO_MANY_PENDING" => ("wait until some have taken effect", "请等待部分变更生效后再提出"),
        "TYPE_UNKNOWN" => {
            ("publish it first: yinxin licence type", "请先发布：yinxin licence type")
        }
        "TYPE_VERSION" => ("give it a higher version", "请提高其版本号"),
        "VALIDATOR_TWICE" => ("use the entry of another node", "请使用其他节点的条目"),
        "VALIDATOR_UNKNOWN" => {
            ("check the entry: yinxin node status", "请核对条目：yinxin node status")
        }
        _ => ("", ""),
    };
    lang.pick(en, zh)
}
