//! Credit records: classes and forms as data, sources of millions, views, repair, scores over their proven events.

#![forbid(unsafe_code)]

mod class;
mod form;

pub mod source;

mod dates;
mod history;
pub mod view;

mod asset;
mod league;
mod lifting;
mod person;
mod recount;
mod score;

mod config;
mod error;

pub use asset::{AssetNumber, AssetParties, CustodianSecret};
pub use class::{Class, ClassTable, Measure, Repair};
pub use dates::{ItemDates, days_late, deadline};
pub use error::Error;
pub use form::{
    CONTENT_DOMAIN, Content, FORM_DOMAIN, Filled, Form, FormField, Forms, Role, Show, ValueKind,
};
pub use history::{
    Classes, CreditItem, Marks, Replay, SourceItems, SourceMark, marked, replay_source, shown,
};
pub use league::{Place as LeaguePlace, league};
pub use lifting::Lifting;
pub use person::CitizenNumber;
pub use recount::Recount;
pub use score::{Counted, Explained, Formula, INPUTS_DOMAIN, Indicator, PinnedSource, Score};
