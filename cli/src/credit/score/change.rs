//! What a score came from, item by item, and what would change it.

use serde::Serialize;
use yinxin_credit::{
    Score,
    view::{Seen, SeenItem},
};
use yinxin_gm::Digest;
use yinxin_record::{Date, EvidenceKind};

use super::{Computed, SCHEMA};
use crate::ui::Ui;

/// A score for people and programs.
#[derive(Serialize)]
pub(super) struct ScoreView {
    schema: &'static str,
    subject: String,
    score: Score,
    /// What counted, and what its end would change.
    items: Vec<Change>,
    /// What the score would be if all were repaired that can be now; none can: `None`.
    all_repaired: Option<Outcome>,
    agrees: Option<bool>,
    published: Option<String>,
}

/// An item that counted.
#[derive(Serialize)]
struct Change {
    item: String,
    class: String,
    name: String,
    authority: String,
    decided: String,
    until: Option<String>,
    /// `repair`, `exit` from a list, or `term`: it ends by itself.
    way: &'static str,
    /// The first day on which that is possible.
    from: Option<String>,
    evidence: Vec<String>,
    /// What the score would be then.
    then: Outcome,
}

/// Points, and what they are called.
#[derive(Serialize)]
struct Outcome {
    points: i64,
    grade: String,
}

impl ScoreView {
    pub(super) fn new(from: Computed, agrees: Option<bool>, published: Option<String>) -> Self {
        let Computed { view, seen, formula, score } = from;
        let outcome = |points: i64| Outcome { points, grade: formula.grade(points).to_owned() };
        let mut items: Vec<Change> = Vec::new();
        let mut now: Vec<Digest> = Vec::new();
        let today = Date::of(seen.as_of);
        for counted in score.indicators.iter().flat_map(|indicator| &indicator.items) {
            if items.iter().any(|known| known.item == counted.item) {
                continue;
            }
            let Some(item) = find(&seen, &counted.item) else { continue };
            let change = Change::new(item, outcome(counted.without));
            if change.way == "repair" && !item.item.repair_open && item.item.minimum <= today {
                now.push(item.item.id);
            }
            items.push(change);
        }
        let all = (!now.is_empty()).then(|| outcome(formula.points_without(&seen, &now)));
        Self {
            schema: SCHEMA,
            subject: view.question.subject.to_string(),
            score,
            items,
            all_repaired: all,
            agrees,
            published,
        }
    }

    pub(super) fn text(&self, ui: &Ui) -> String {
        let score = &self.score;
        let mut out = format!(
            "{}: {} {} ({}@{}, {})\n",
            self.subject, score.points, score.grade, score.formula, score.version, score.as_of
        );
        match self.agrees {
            Some(true) => out.push_str(ui.pick("  computed again: agrees\n", "  重新计算：一致\n")),
            Some(false) => {
                out.push_str(ui.pick("  computed again: DIFFERS\n", "  重新计算：不一致\n"));
            }
            None => {}
        }
        out.push_str(&format!("  {:>5}  {}\n", score.start, ui.pick("to begin with", "基础分")));
        for indicator in score.indicators.iter().filter(|i| !i.items.is_empty()) {
            out.push_str(&format!("  {:>+5}  {}\n", indicator.points, indicator.name));
            for counted in &indicator.items {
                let change = self.items.iter().find(|change| change.item == counted.item);
                let head = &counted.item[..16];
                let (points, months) = (counted.points, counted.months);
                out.push_str(&match ui.pick("en", "zh") {
                    "zh" => format!("         {points:+} {head}… 已 {months} 个月"),
                    _ => format!("         {points:+} {head}… {months} months old"),
                });
                out.push_str(&change.map(|c| c.text(ui)).unwrap_or_default());
                out.push('\n');
            }
        }
        if let Some(by) = &score.capped_by {
            let named = score.indicators.iter().find(|indicator| indicator.id == *by);
            let name = named.map_or(by, |indicator| &indicator.name);
            out.push_str(&format!("  {} {name}\n", ui.pick("held down by:", "受上限限制：")));
        }
        if let Some(Outcome { points, grade }) = &self.all_repaired {
            out.push_str(&match ui.pick("en", "zh") {
                "zh" => format!("  现可修复的全部修复后：{points} {grade}\n"),
                _ => format!("  with all repaired that can be now: {points} {grade}\n"),
            });
        }
        out
    }
}

impl Change {
    fn new(seen: &SeenItem, then: Outcome) -> Self {
        let SeenItem { item, class, .. } = seen;
        let evidence: Option<(&'static str, &[EvidenceKind])> = match (&class.repair, &class.list) {
            (Some(repair), _) => Some(("repair", repair.evidence.as_slice())),
            (None, Some(list)) => Some(("exit", list.exit.as_slice())),
            (None, None) => None,
        };
        let (way, evidence) = evidence.unwrap_or(("term", &[]));
        Self {
            item: item.id.to_string(),
            class: item.class.to_string(),
            name: class.name.to_string(),
            authority: item.authority.to_string(),
            decided: item.decided.to_string(),
            until: item.until.map(|day| day.to_string()),
            way,
            from: (way != "term").then(|| item.minimum.to_string()),
            evidence: evidence.iter().map(ToString::to_string).collect(),
            then,
        }
    }

    /// The item, and what can be done, in a line each.
    fn text(&self, ui: &Ui) -> String {
        let Self { name, class, authority, decided, until, from, .. } = self;
        let Outcome { points, grade } = &self.then;
        let (zh, evidence) = (ui.pick("en", "zh") == "zh", self.evidence.join(ui.pick(", ", "、")));
        let from = from.as_deref().unwrap_or_default();
        let needs = |en: &str, zh_words: &str| match (evidence.is_empty(), zh) {
            (true, _) => String::new(),
            (false, true) => format!("，{zh_words}{evidence}"),
            (false, false) => format!(", {en} {evidence}"),
        };
        let what = match (self.way, zh) {
            ("repair", true) => {
                format!("修复后评分为 {points} {grade}：{from} 起可申请{}", needs("", "须提交 "))
            }
            ("repair", false) => {
                format!(
                    "repaired, the score would be {points} {grade}: possible from {from}{}",
                    needs("with", "")
                )
            }
            ("exit", true) => {
                format!("移出名单后评分为 {points} {grade}：{from} 起{}", needs("", "须提交 "))
            }
            ("exit", false) => {
                format!(
                    "off the list, the score would be {points} {grade}: possible from {from}{}",
                    needs("with", "")
                )
            }
            (_, true) => until.as_ref().map_or_else(
                || format!("如无此项，评分为 {points} {grade}"),
                |day| format!("{day} 起不再计入，届时如其他不变，评分为 {points} {grade}"),
            ),
            (_, false) => until.as_ref().map_or_else(
                || format!("without it the score would be {points} {grade}"),
                |day| {
                    format!(
                        "it ends by itself on {day}; without it the score would be {points} {grade}"
                    )
                },
            ),
        };
        format!("\n           {name} {class}, {authority}, {decided}\n           {what}")
    }
}

fn find<'a>(seen: &'a Seen, id: &str) -> Option<&'a SeenItem> {
    seen.items.iter().find(|item| item.item.id.to_string() == id)
}
