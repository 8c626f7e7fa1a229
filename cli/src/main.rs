//! The one binary, and the only place where everything is wired.

#![forbid(unsafe_code)]

mod args;

mod asset;
mod audit;
mod ca;
mod credit;
mod data;
mod key;
mod ledger;
mod licence;
mod member;
mod node;
mod ofd;
mod seal;
mod serve;
mod sign;
mod trace;
mod trust;
mod verify;

mod doctor;
mod manual;
mod quickstart;

mod app;
mod calendar;
mod fonts;
mod keys;
mod papers;
mod powers;
mod remote;
mod send;
mod states;
mod submit;
mod things;
mod trusting;

mod config;
mod custody;
mod fail;
mod files;
mod password;
mod rng;
mod ui;

use std::process::ExitCode;

use clap::Parser;
use yinxin_verdict::Lang;

use crate::{args::Cli, config::Config, ui::Ui};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut ui = Ui {
        lang: cli.lang.map_or_else(ui::lang_of_environment, Into::into),
        json: cli.json,
        quiet: cli.quiet,
    };
    let result = Config::load().and_then(|config| {
        if let (None, Some(lang)) = (cli.lang, &config.lang) {
            ui.lang = Lang::from_locale(lang);
        }
        cli.command.run(&ui, &config)
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui.failure(&failure);
            ExitCode::from(failure.class.code())
        }
    }
}
