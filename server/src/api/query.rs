//! Queries: a page of records with groups and summaries, or an aggregate, at the newest or an earlier version.

use std::fmt::Write;

use engine::analyze::AnalyzeCache;
use engine::view::{Frame, Order, Window};
use serde_json::Value as Json;

use crate::app::blocking;
use crate::ask;
use crate::error::{Answer, Problem};
use crate::extract::{Body, Member};
use crate::wire::args::Args;
use crate::wire::rows::{self, Columns};

/// Records of one answer.
const LIMIT_MAX: u64 = 1_000;

pub(crate) async fn run(member: Member, Body(asked): Body<Json>) -> Answer {
    blocking(move || {
        let newest = member.snapshot();
        let read = answer(&member, asked);
        read.map(rows::answer).map_err(|refusal| match refusal {
            Failed::Refused(refusal) => Problem::refused(&refusal, &newest),
            Failed::Engine(error) => Problem::from_engine(&error, &newest),
        })
    })
    .await
}

enum Failed {
    Refused(engine::Refusal),
    Engine(engine::Error),
}

impl From<engine::Refusal> for Failed {
    fn from(refusal: engine::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn answer(member: &Member, asked: Json) -> Result<String, Failed> {
    let mut snapshot = member.snapshot();
    let mut args = Args::new("a query", asked, snapshot.ids())?;
    let at = args.whole_opt("at")?.filter(|at| *at != snapshot.version());
    if let Some(version) = at {
        snapshot = member.base.at(version).map_err(Failed::Engine)?;
    }
    let who = member.actor.person;
    let source = ask::Source::take(&mut args, &snapshot, who)?;
    let table = source.table;
    let aggregate = ask::take_aggregate(&mut args, &snapshot, table)?;
    let fields = ask::take_fields(&mut args, &snapshot, table)?;
    let summaries = ask::take_summaries(&mut args, &snapshot, table)?;
    let offset = args.whole_opt("offset")?.unwrap_or(0);
    let limit = args.whole_opt("limit")?.unwrap_or(100);
    args.finish()?;
    if limit > LIMIT_MAX {
        return Err(engine::Refusal::limit(format!("\"limit\" is {LIMIT_MAX} at the most")).into());
    }
    let query = source.query(&snapshot)?;
    let parameters = ask::parameters(&snapshot, who);
    let once = AnalyzeCache::default();
    let sums = if at.is_none() { &member.live.sums } else { &once };
    let mut out = format!("{{\"version\":{}", snapshot.version());
    if let Some(aggregate) = aggregate {
        let result = sums.aggregate(&snapshot, &query, &aggregate, &parameters)?;
        let _ = write!(out, ",\"total\":{},\"offset\":0,\"records\":[],\"aggregate\":", result.records);
        rows::write_aggregate(&mut out, &snapshot, &aggregate, &result);
    } else {
        let order = match at {
            None => member.live.orders.order(&snapshot, &query, &parameters)?,
            Some(_) => Order::new(&query, &snapshot, &parameters)?.into(),
        };
        let (from, len) = (offset.min(order.len() as u64) as usize, limit as usize);
        let window = Window { fields: Vec::new(), from, len, summaries };
        let frame = Frame::read(&order, &window, sums)?;
        let _ = write!(out, ",\"total\":{},\"offset\":{from},\"records\":", frame.total);
        let columns = Columns::new(&snapshot, table, &fields);
        rows::write_records(&mut out, &snapshot, &columns, &order.slice(from, len));
        if !query.group.is_empty() {
            out.push_str(",\"groups\":");
            rows::write_groups(&mut out, &snapshot, &query, &frame.groups);
        }
        if !window.summaries.is_empty() {
            out.push_str(",\"summaries\":");
            rows::write_summaries(&mut out, &snapshot, &frame.summaries);
        }
    }
    out.push('}');
    Ok(out)
}
