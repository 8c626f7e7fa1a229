//! What a view proves, for people and programs.

use serde::Serialize;
use yinxin_credit::view::{AlsoTold, CreditView, OnRecord, Seen, SeenItem, SeenSource};
use yinxin_verdict::UnixTime;

use crate::{credit::words, ui::Ui};

/// A view, checked.
#[derive(Serialize)]
pub(crate) struct SeenView {
    schema: &'static str,
    subject: String,
    reader: String,
    purpose: String,
    ground: String,
    as_of: String,
    height: u64,
    court: bool,
    /// Records of the subject's chain: all of them are accounted for.
    records: u64,
    sources: usize,
    /// Sources with records that break the rules and count for nothing.
    broken: Vec<BrokenView>,
    items: Vec<ItemView>,
    /// Items that the reader does not see.
    beyond: usize,
    /// Items that have ended.
    ended: usize,
    /// The record that says that the view was taken.
    taken: Option<String>,
    /// Where the ledger has it, by its receipt.
    on_record: Option<Place>,
    package: Option<String>,
}

/// How many records of a source count for nothing.
#[derive(Serialize)]
struct BrokenView {
    source: String,
    records: usize,
}

#[derive(Serialize)]
struct Place {
    height: u64,
    time: String,
}

#[derive(Serialize)]
struct ItemView {
    item: String,
    class: String,
    name: String,
    kind: &'static str,
    authority: String,
    source: Option<String>,
    decided: String,
    recorded: String,
    until: Option<String>,
    repairable: Option<String>,
    status: &'static str,
    expired: bool,
    disputed: bool,
    late: bool,
    corrections: u32,
    content: Option<Vec<(String, String)>>,
    /// Who else tells of the same number.
    also: Vec<AlsoView>,
}

/// The same number, as another source tells of it, or the ledger itself.
#[derive(Serialize)]
struct AlsoView {
    source: Option<String>,
    item: String,
    status: &'static str,
    shown: bool,
}

impl SeenView {
    /// The view of a view.
    pub(crate) fn new(
        view: &CreditView,
        seen: &Seen,
        taken: Option<OnRecord>,
        package: Option<String>,
    ) -> Self {
        let question = &view.question;
        Self {
            schema: "yinxin.credit-view/1",
            subject: question.subject.to_string(),
            reader: question.reader.to_string(),
            purpose: question.purpose.to_string(),
            ground: words::ground(&question.ground),
            as_of: seen.as_of.to_string(),
            height: seen.height,
            court: question.ground.is_court(),
            records: seen.records,
            sources: view.parts.len(),
            broken: seen.sources.iter().filter_map(BrokenView::new).collect(),
            items: seen.items.iter().map(|item| ItemView::new(item, seen.as_of)).collect(),
            beyond: seen.beyond,
            ended: seen.ended,
            taken: taken.map(|taken| taken.record.to_string()),
            on_record: taken
                .map(|OnRecord { height, time, .. }| Place { height, time: time.to_string() }),
            package,
        }
    }

    /// For people.
    pub(crate) fn text(&self, ui: &Ui) -> String {
        let Self { subject, reader, purpose, ground, as_of, height, .. } = self;
        let mut out = format!("{subject}\n");
        let mut line = |en: &str, zh: &str, value: String| {
            out.push_str(&format!("  {} {value}\n", ui.pick(en, zh)));
        };
        line("seen by", "查看方", format!("{reader}, {purpose}, {ground}"));
        line("as of", "截至", format!("{as_of} ({height})"));
        let (records, sources) = (self.records, self.sources);
        line(
            "complete:",
            "完整：",
            match ui.pick("en", "zh") {
                "zh" => format!("链上 {records} 条记录、{sources} 个批量来源均已核对"),
                _ => format!(
                    "all {records} records of the chain and {sources} sources accounted for"
                ),
            },
        );
        for BrokenView { source, records } in &self.broken {
            let en = format!(
                "  ! {records} records of source {source} break the rules and are passed over\n"
            );
            let zh = format!("  ! 来源 {source} 有 {records} 条记录不合规则，不予采用\n");
            out.push_str(ui.pick(&en, &zh));
        }
        for item in &self.items {
            out.push_str(&item.text(ui));
        }
        let (ended, beyond) = (self.ended, self.beyond);
        out.push_str(&format!(
            "{}\n",
            match ui.pick("en", "zh") {
                "zh" => format!("未显示：已终止 {ended} 项，超出范围 {beyond} 项"),
                _ => format!("not shown: {ended} ended, {beyond} outside of what may be seen"),
            }
        ));
        let on_record = self.taken.as_ref().zip(self.on_record.as_ref());
        out.push_str(&match (on_record, ui.pick("en", "zh")) {
            (Some((record, Place { height, time })), "zh") => {
                format!("已上链记录：{record}（高度 {height}，{time}）\n")
            }
            (Some((record, Place { height, time })), _) => {
                format!("on record as {record} (height {height}, {time})\n")
            }
            (None, "zh") => "是否已上链记录：未核对（文件中没有查看记录的回执）\n".to_owned(),
            (None, _) => "on record: not checked, the file has no receipt of it\n".to_owned(),
        });
        out
    }
}

impl BrokenView {
    fn new(seen: &SeenSource) -> Option<Self> {
        let SeenSource { source, broken, .. } = seen;
        (*broken > 0).then(|| Self { source: source.to_string(), records: *broken })
    }
}

impl ItemView {
    fn new(seen: &SeenItem, at: UnixTime) -> Self {
        let SeenItem { item, class, content, also, .. } = seen;
        let repairable = class.repair.as_ref().filter(|_| item.is_shown(at));
        Self {
            item: item.id.to_string(),
            class: item.class.to_string(),
            name: class.name.to_string(),
            kind: class.kind.name(),
            authority: item.authority.to_string(),
            source: item.source.as_ref().map(ToString::to_string),
            decided: item.decided.to_string(),
            recorded: item.recorded.to_string(),
            until: item.until.map(|until| until.to_string()),
            repairable: repairable.map(|_| item.minimum.to_string()),
            status: item.status.name(),
            expired: item.status.is_in_force() && !item.is_shown(at),
            disputed: item.disputed,
            late: item.late,
            corrections: item.corrections,
            content: content.as_ref().map(|content| {
                content.values().map(|(code, value)| (code.to_owned(), value.to_owned())).collect()
            }),
            also: also.iter().map(AlsoView::new).collect(),
        }
    }

    fn text(&self, ui: &Ui) -> String {
        let Self { item, class, name, authority, decided, status, .. } = self;
        let marks: Vec<&str> = [
            (self.expired, ui.pick("expired", "已到期")),
            (self.disputed, ui.pick("disputed", "异议中")),
            (self.late, ui.pick("published late", "公示逾期")),
        ]
        .iter()
        .filter_map(|(holds, word)| holds.then_some(*word))
        .collect();
        let marks =
            if marks.is_empty() { String::new() } else { format!(" ({})", marks.join(", ")) };
        let mut out =
            format!("- {name} {class}: {status}{marks}\n  {item}\n  {authority} {decided}");
        if let Some(until) = &self.until {
            out.push_str(&format!(" {} {until}", ui.pick("shown until", "公示至")));
        }
        if let Some(day) = &self.repairable {
            out.push_str(&format!(", {} {day}", ui.pick("repairable from", "可修复起")));
        }
        out.push('\n');
        if !self.also.is_empty() {
            let count = self.also.len() + 1;
            out.push_str(&match ui.pick("en", "zh") {
                "zh" => format!("  该文号有 {count} 处来源：\n"),
                _ => format!("  its number is told by {count} sources:\n"),
            });
        }
        for also in &self.also {
            out.push_str(&also.text(ui));
        }
        for (code, value) in self.content.iter().flatten() {
            out.push_str(&format!("    {code} {value}\n"));
        }
        out
    }
}

impl AlsoView {
    fn new(told: &AlsoTold) -> Self {
        let AlsoTold { source, id, status, stands, .. } = told;
        Self {
            source: source.as_ref().map(ToString::to_string),
            item: id.to_string(),
            status: status.name(),
            shown: *stands,
        }
    }

    fn text(&self, ui: &Ui) -> String {
        let Self { source, item, status, shown } = self;
        let by = source.as_deref().unwrap_or_else(|| ui.pick("the ledger", "账本"));
        let told = match shown {
            true => ui.pick("also told by", "另见"),
            false => ui.pick("ENDED by", "已终止于"),
        };
        format!("    {told} {by}: {status} {item}\n")
    }
}

#[cfg(test)]
mod tests {
    use yinxin_verdict::Lang;

    use super::*;

    #[test]
    fn what_another_source_has_ended_stands_out() {
        let also = |source: Option<&str>, status, shown| AlsoView {
            source: source.map(str::to_owned),
            item: "ab12".to_owned(),
            status,
            shown,
        };
        let view = ItemView {
            item: "cd34".to_owned(),
            class: "inspection@1".to_owned(),
            name: "检查".to_owned(),
            kind: "administrative",
            authority: "A".to_owned(),
            source: Some("B".to_owned()),
            decided: "2026-03-02".to_owned(),
            recorded: "2026-03-05".to_owned(),
            until: None,
            repairable: None,
            status: "in-force",
            expired: false,
            disputed: false,
            late: false,
            corrections: 0,
            content: None,
            also: vec![also(Some("C"), "withdrawn", false), also(None, "in-force", true)],
        };
        let text = |lang| view.text(&Ui { lang, json: false, quiet: false });
        let en = text(Lang::En);
        assert!(en.contains("its number is told by 3 sources"), "{en}");
        assert!(en.contains("ENDED by C: withdrawn ab12"), "{en}");
        assert!(en.contains("also told by the ledger: in-force ab12"), "{en}");
        let zh = text(Lang::Zh);
        assert!(zh.contains("该文号有 3 处来源") && zh.contains("已终止于 C: withdrawn"), "{zh}");
        let alone = ItemView { also: Vec::new(), ..view };
        let en = alone.text(&Ui { lang: Lang::En, json: false, quiet: false });
        assert!(!en.contains("sources"), "{en}");
    }
}
