//! `script`: runs a rhai script; see [`crate::automation::script`].

use std::sync::Arc;

use formulas::TableId;
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::KindInfo;
use super::super::definition::config;
use super::super::script::{self, Compiled};
use super::super::work::Work;
use super::{Action, ActionKind};
use crate::state::Stored;

/// See the module's head.
pub(super) struct Script;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    source: String,
}

impl ActionKind for Script {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "script",
            doc: "Runs a script that reads and writes records, notifies people and calls other services.",
            example: r#"{"kind": "script", "source": "args.record[\"Status\"] = \"Done\";"}"#,
        }
    }

    fn read(
        &self,
        json: &Json,
        _stored: &Stored,
        _table: Option<TableId>,
    ) -> Result<Box<dyn Action>, String> {
        let config: Config = config(json)?;
        let compiled = script::compile(&config.source).map_err(|problem| problem.to_string())?;
        Ok(Box::new(Run(compiled)))
    }
}

struct Run(Arc<Compiled>);

impl Action for Run {
    fn act(&self, work: &mut Work) -> Result<(), String> {
        script::run(&self.0, work)
    }
}
