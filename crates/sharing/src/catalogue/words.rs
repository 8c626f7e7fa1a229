//! The words of classes, cycles, types and levels, as catalogues write them.

use yinxin_record::{Duty, FieldKind, Level, SharingClass, UpdateCycle};

use crate::Error;

/// A closed set of values, each with the words that are read for it; the first one is written.
pub(super) struct Words<T: 'static>(&'static str, &'static [(T, &'static [&'static str])]);

impl<T: Copy + PartialEq> Words<T> {
    pub(super) fn read(&self, word: &str) -> Result<T, Error> {
        let found = self.1.iter().find(|(_, words)| words.contains(&word));
        let bad = || Error::ValueBad { what: self.0, found: word.chars().take(64).collect() };
        found.map(|(value, _)| *value).ok_or_else(bad)
    }

    pub(super) fn write(&self, value: T) -> &'static str {
        let found = self.1.iter().find(|(v, _)| *v == value);
        found.and_then(|(_, words)| words.first()).copied().unwrap_or_default()
    }
}

/// By word alone: of the digits that systems write, some swap 1 and 2.
pub(super) const CLASSES: Words<SharingClass> = Words(
    "sharing class",
    &[
        (SharingClass::Unconditional, &["无条件共享", "无条件", "unconditional"]),
        (SharingClass::Conditional, &["有条件共享", "有条件", "conditional"]),
        (SharingClass::Never, &["不予共享", "不予", "never"]),
    ],
);

pub(super) const CYCLES: Words<UpdateCycle> = Words(
    "update cycle",
    &[
        (UpdateCycle::Irregular, &["不定期", "irregular"]),
        (UpdateCycle::RealTime, &["实时", "real-time"]),
        (UpdateCycle::Daily, &["每日", "日", "daily"]),
        (UpdateCycle::Weekly, &["每周", "周", "weekly"]),
        (UpdateCycle::Monthly, &["每月", "月", "monthly"]),
        (UpdateCycle::Quarterly, &["每季度", "季度", "quarterly"]),
        (UpdateCycle::HalfYearly, &["每半年", "半年", "half-yearly"]),
        (UpdateCycle::Yearly, &["每年", "年", "yearly"]),
        (UpdateCycle::Other, &["其他", "other"]),
    ],
);

pub(super) const KINDS: Words<FieldKind> = Words(
    "data type",
    &[
        (FieldKind::Text, &["字符型", "字符型C", "文本", "text"]),
        (FieldKind::Integer, &["整型", "整数型", "整数", "integer"]),
        (FieldKind::Decimal, &["数值型", "数值型N", "小数", "decimal"]),
        (FieldKind::Date, &["日期型", "日期型D", "日期", "date"]),
        (FieldKind::DateTime, &["日期时间型", "日期时间型T", "date-time"]),
        (FieldKind::Boolean, &["布尔型", "逻辑型", "boolean"]),
        (FieldKind::Code, &["代码型", "代码", "code"]),
        (FieldKind::Binary, &["二进制", "二进制型", "binary"]),
        (FieldKind::Geometry, &["空间型", "空间数据", "geometry"]),
    ],
);

pub(super) const LEVELS: Words<Level> = Words(
    "level",
    &[
        (Level::General1, &["一般1级", "一般数据1级", "1", "general-1"]),
        (Level::General2, &["一般2级", "一般数据2级", "2", "general-2"]),
        (Level::General3, &["一般3级", "一般数据3级", "3", "general-3"]),
        (Level::General4, &["一般4级", "一般数据4级", "4", "general-4"]),
        (Level::Important, &["重要", "重要数据", "important"]),
        (Level::Core, &["核心", "核心数据", "core"]),
    ],
);

pub(super) const DUTIES: Words<Duty> = Words(
    "duty",
    &[
        (Duty::Provide, &["provide", "提供"]),
        (Duty::Update, &["update", "更新"]),
        (Duty::Quality, &["quality", "质量"]),
        (Duty::Security, &["security", "安全"]),
        (Duty::Correct, &["correct", "校核"]),
        (Duty::Serve, &["serve", "服务"]),
    ],
);
