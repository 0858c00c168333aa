//! Daily figures: what each channel spent on each product and sold of it, day by day.
//!
//! How much is sold on a day comes of the weekday and the campaigns; it is shared among channels and products,
//! and orders, clicks, impressions and cost follow from each other by the rates of the channel. Columns are
//! built as commands take them, a batch at a time, so that millions of rows need no more memory than a batch.

use std::sync::mpsc::{Receiver, sync_channel};

use formulas::{FieldId, RecordId, TableId};

use super::words::{CHANNELS, PRODUCTS, w};
use super::{CAMPAIGNS, Filler};
use crate::base::Receipt;
use crate::command::{Command, Request};
use crate::error::Error;
use crate::field::Input;

/// Records of one command: large enough that a commit costs little, small enough for its memory.
const BATCH: usize = 50_000;
/// GMV of all channels on a day like any other, in yuan.
const DAY_GMV: f64 = 320_000.0;
/// What a row sells at the least on a usual day: with more rows, more is sold.
const ROW_GMV: f64 = 900.0;
const WEEKDAYS: [f64; 7] = [0.94, 0.90, 0.93, 0.97, 1.05, 1.15, 1.10];

/// The records that figures are linked to.
pub(super) struct Targets {
    pub(super) channels: Vec<RecordId>,
    pub(super) products: Vec<RecordId>,
    pub(super) campaigns: Vec<RecordId>,
}

/// The days that so many rows are spread over: a quarter, or years where a day would have more rows than there
/// are products in all channels.
fn days(rows: usize) -> usize {
    let full = CHANNELS.len() * PRODUCTS.len();
    (rows / full).clamp(90, 730)
}

/// How many times more is sold than usual.
pub(super) fn scale(rows: usize) -> f64 {
    (rows as f64 / days(rows) as f64 * ROW_GMV / DAY_GMV).max(1.0)
}

/// Cells that many rows share, made once.
struct Cells {
    channels: Vec<Input>,
    products: Vec<Input>,
    campaigns: Vec<Input>,
}

/// One day on one channel.
struct Slice {
    channel: usize,
    campaign: Option<usize>,
    /// Rows of it.
    len: usize,
    /// What it sells.
    gmv: f64,
    /// Of the list price.
    discount: f64,
}

/// A batch that was sent.
struct Sent {
    n_records: usize,
    answer: Receiver<Result<Receipt, Error>>,
}

/// The columns of a batch.
#[derive(Default)]
struct Columns {
    dates: Vec<Input>,
    channels: Vec<Input>,
    products: Vec<Input>,
    campaigns: Vec<Input>,
    numbers: [Vec<Input>; 5],
}

impl Filler<'_> {
    pub(super) fn figures(
        &mut self,
        rows: usize,
        targets: &Targets,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), Error> {
        let cells = self.cells(targets)?;
        let sheet = self.sheet(w("每日数据", "Daily figures"))?;
        let names = [
            w("日期", "Date"),
            w("渠道", "Channel"),
            w("商品", "Product"),
            w("活动", "Campaign"),
            w("曝光", "Impressions"),
            w("点击", "Clicks"),
            w("订单数", "Orders"),
            w("GMV", "GMV"),
            w("花费", "Cost"),
        ];
        let fields = names.into_iter().map(|name| sheet.field(name)).collect::<Result<Vec<_>, _>>()?;
        let (n_days, scale) = (days(rows), scale(rows));
        let mut columns = Columns::default();
        let (mut done, mut sent) = (0, None);
        progress(0, rows);
        for day in 0..n_days {
            let of_day = rows * (day + 1) / n_days - rows * day / n_days;
            let ago = (n_days - 1 - day) as i64;
            let date = self.date(-ago);
            for channel in 0..CHANNELS.len() {
                let n = CHANNELS.len();
                let len = of_day * (channel + 1) / n - of_day * channel / n;
                let slice = self.slice(-ago, channel, len, scale);
                self.rows(day, &date, &slice, &cells, &mut columns);
                if columns.dates.len() >= BATCH {
                    done += sent.take().map_or(Ok(0), Sent::wait)?;
                    sent = Some(self.send(sheet.table, &fields, &mut columns)?);
                    progress(done, rows);
                }
            }
        }
        done += sent.take().map_or(Ok(0), Sent::wait)?;
        if !columns.dates.is_empty() {
            done += self.send(sheet.table, &fields, &mut columns)?.wait()?;
        }
        progress(done, rows);
        Ok(())
    }

    fn cells(&self, targets: &Targets) -> Result<Cells, Error> {
        let link = |name, records: &[RecordId]| {
            let table = self.table(name)?;
            Ok::<_, Error>(records.iter().map(|record| self.link(table, *record)).collect())
        };
        Ok(Cells {
            channels: link(w("渠道", "Channels"), &targets.channels)?,
            products: link(w("商品", "Products"), &targets.products)?,
            campaigns: link(w("活动", "Campaigns"), &targets.campaigns)?,
        })
    }

    /// `day`: from today.
    fn slice(&mut self, day: i64, channel: usize, len: usize, scale: f64) -> Slice {
        let weekday = self.today.saturating_add(jiff::Span::new().days(day)).weekday();
        let campaign = CAMPAIGNS.iter().position(|one| (one.start..=one.end).contains(&day));
        let rush = campaign.map_or(1.0, |at| {
            let of = &CAMPAIGNS[at];
            match day {
                _ if day == of.peak => 6.5,
                _ if day == of.peak + 1 => 3.4,
                _ if day == of.opening => 3.0,
                _ if day == of.peak - 1 => 0.9,
                _ => 1.5,
            }
        });
        // Today is not over.
        let part = if day == 0 { self.day_part } else { 1.0 };
        let weekday = WEEKDAYS[weekday.to_monday_zero_offset() as usize];
        let noise = self.random.between(0.9, 1.1);
        Slice {
            channel,
            campaign,
            len,
            gmv: DAY_GMV * scale * CHANNELS[channel].share * weekday * rush * part * noise,
            discount: if campaign.is_some() { 0.78 } else { 0.93 },
        }
    }

    /// Adds the rows of one day on one channel.
    fn rows(&mut self, day: usize, date: &Input, slice: &Slice, cells: &Cells, columns: &mut Columns) {
        let channel = &CHANNELS[slice.channel];
        let products = || (0..slice.len).map(|row| product_of(row, slice.len, day, slice.channel));
        let total: f64 = products().map(weight).sum();
        for product in products() {
            let price = PRODUCTS[product].price * slice.discount * self.random.between(0.96, 1.04);
            let wanted = slice.gmv * weight(product) / total / price * self.random.between(0.75, 1.25);
            // What is less than an order is one by chance, so that sums stay what they should be.
            let orders = wanted.floor() + f64::from(u8::from(self.random.chance(wanted.fract())));
            let per_order = self.random.between(0.9, 1.1) / channel.cvr;
            let clicks = (wanted.max(orders) * per_order).round().max(orders + 1.0);
            let impressions =
                (clicks * self.random.between(0.88, 1.12) / channel.ctr).round().max(clicks + 1.0);
            let cost = clicks * price * channel.cvr / channel.roi * self.random.between(0.9, 1.1);
            let numbers = [impressions, clicks, orders, cents(orders * price), cents(cost)];
            columns.dates.push(date.clone());
            columns.channels.push(cells.channels[slice.channel].clone());
            columns.products.push(cells.products[product].clone());
            columns.campaigns.push(slice.campaign.map_or(Input::Blank, |at| cells.campaigns[at].clone()));
            for (column, number) in columns.numbers.iter_mut().zip(numbers) {
                column.push(Input::Number(number));
            }
        }
    }

    /// Sends the records of a batch, and empties it: the writer works on them while the next batch is built.
    fn send(&self, table: TableId, fields: &[FieldId], columns: &mut Columns) -> Result<Sent, Error> {
        let Columns { dates, channels, products, campaigns, numbers } = std::mem::take(columns);
        let n_records = dates.len();
        let cells = [dates, channels, products, campaigns].into_iter().chain(numbers);
        let columns = fields.iter().copied().zip(cells).collect();
        let command = Command::CreateRecords { table, columns, n_records, typecast: false };
        let request = Request::new(self.author, self.now_ms, vec![command]);
        let (sender, answer) = sync_channel(1);
        self.base.submit_with(request, Box::new(move |result| drop(sender.send(result))))?;
        Ok(Sent { n_records, answer })
    }
}

impl Sent {
    /// Waits until the records are durable, and says how many they are.
    fn wait(self) -> Result<usize, Error> {
        let answer = self.answer.recv();
        answer.unwrap_or_else(|_| Err(Error::Stopped("the base was closed".into())))?;
        Ok(self.n_records)
    }
}

/// How well a product sells beside others; the first sells best.
fn weight(product: usize) -> f64 {
    1.0 / (product as f64 + 3.0)
}

/// The product of a row: best sellers each day, which differ a little from channel to channel, and the others in
/// turn. With more rows than products, again from the start.
fn product_of(row: usize, len: usize, day: usize, channel: usize) -> usize {
    let n = PRODUCTS.len();
    if len >= n {
        return row % n;
    }
    let n_best = len.div_ceil(2);
    let best = |row: usize| (row + channel % 3) % n;
    if row < n_best {
        return best(row);
    }
    // Those that are not among the best stand behind them, around the end of the list.
    let n_rest = n - n_best;
    (n_best + channel % 3 + (row - n_best + day * (len - n_best) + channel * 5) % n_rest) % n
}

fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
