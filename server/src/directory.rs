//! The directory: people, sessions, tokens, bases, members and inboxes, as tables of base 0.
//!
//! It is an ordinary base, written by ordinary commands, with small indexes in memory. A reader first takes in
//! what was published since, so that whoever wrote sees what they wrote. Secrets are kept as hashes only.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use engine::state::schema::Role;
use engine::{
    Base, Command, Error, FieldId, Input, Outcome, PersonId, RecordId, RecordUpdate, Request, Snapshot,
    TableId, Watch, WatchEvent,
};

use crate::time::now_ms;

/// Tables and their fields, made on first start. Moments are numbers: milliseconds UTC.
const TABLES: &[(&str, &[(&str, &str)])] = &[
    (
        "People",
        &[
            ("name", "text"),
            ("email", "text"),
            ("password_hash", "text"),
            ("color", "text"),
            ("disabled", "number"),
        ],
    ),
    (
        "Sessions",
        &[
            ("hash", "text"),
            ("person", "number"),
            ("created", "number"),
            ("last_seen", "number"),
            ("expires", "number"),
            ("agent", "text"),
        ],
    ),
    (
        "Tokens",
        &[
            ("hash", "text"),
            ("person", "number"),
            ("name", "text"),
            ("created", "number"),
            ("last_used", "number"),
        ],
    ),
    ("Bases", &[("app", "text"), ("name", "text"), ("color", "text")]),
    ("Members", &[("app", "text"), ("person", "number"), ("role", "text")]),
    (
        "Inbox",
        &[
            ("person", "number"),
            ("time", "number"),
            ("app", "text"),
            ("table", "text"),
            ("record", "text"),
            ("text", "text"),
            ("read", "number"),
        ],
    ),
];

/// Notices kept for a person; older ones go.
const INBOX_MAX: usize = 500;

/// The colors that new people and bases get in turn.
pub const COLORS: &[&str] =
    &["blue", "green", "orange", "violet", "teal", "pink", "amber", "indigo", "red", "cyan", "lime", "gray"];

/// A person of the workspace.
#[derive(Clone, Debug, Default)]
pub struct PersonRow {
    /// Shown.
    pub name: String,
    /// Unique, lower case.
    pub email: String,
    /// In PHC form; empty for one who has no password yet.
    pub password_hash: String,
    /// Name of an option color.
    pub color: String,
    /// May not log in.
    pub disabled: bool,
}

/// A session of a browser.
#[derive(Clone, Debug, Default)]
pub struct SessionRow {
    /// SHA-256 of the cookie.
    pub hash: String,
    /// Whose.
    pub person: PersonId,
    /// Milliseconds UTC.
    pub created: i64,
    /// Milliseconds UTC, exact to some minutes.
    pub last_seen: i64,
    /// When it ends whatever happens.
    pub expires: i64,
}

/// An API token.
#[derive(Clone, Debug, Default)]
pub struct TokenRow {
    /// SHA-256 of the secret.
    pub hash: String,
    /// Whose.
    pub person: PersonId,
    /// For people.
    pub name: String,
    /// Milliseconds UTC.
    pub created: i64,
    /// Milliseconds UTC, exact to some minutes; 0 for never.
    pub last_used: i64,
}

/// A base as lists show it.
#[derive(Clone, Debug, Default)]
pub struct BaseRow {
    /// `app…`
    pub app: String,
    /// For people.
    pub name: String,
    /// Name of an option color.
    pub color: String,
}

/// A notice to a person.
#[derive(Clone, Debug, Default)]
pub struct Notice {
    /// To whom.
    pub person: PersonId,
    /// Milliseconds UTC.
    pub time: i64,
    /// `app…`
    pub app: String,
    /// `tbl…` or empty.
    pub table: String,
    /// `rec…` or empty.
    pub record: String,
    /// What it says.
    pub text: String,
    /// Whether it was read.
    pub read: bool,
}

/// What is looked up, all by what it is looked up with.
#[derive(Default)]
pub struct Index {
    version: u64,
    /// By record in People; [`person_id`] makes the number.
    pub people: BTreeMap<RecordId, PersonRow>,
    emails: HashMap<String, RecordId>,
    /// By record in Sessions.
    pub sessions: BTreeMap<RecordId, SessionRow>,
    session_hashes: HashMap<String, RecordId>,
    /// By record in Tokens.
    pub tokens: BTreeMap<RecordId, TokenRow>,
    token_hashes: HashMap<String, RecordId>,
    /// By record in Bases.
    pub bases: BTreeMap<RecordId, BaseRow>,
    members: HashMap<(String, PersonId), (RecordId, Role)>,
    member_rows: HashMap<RecordId, (String, PersonId)>,
    /// By record in Inbox: oldest first.
    pub inbox: BTreeMap<RecordId, Notice>,
}

/// A table of the directory with its fields in the order of [`TABLES`].
#[derive(Clone, Debug)]
struct Columns {
    table: TableId,
    fields: Vec<FieldId>,
}

/// See the module's head.
pub struct Directory {
    base: Base,
    tables: Vec<Columns>,
    index: RwLock<Index>,
    watch: std::sync::Mutex<Watch>,
}

const PEOPLE: usize = 0;
const SESSIONS: usize = 1;
const TOKENS: usize = 2;
const BASES: usize = 3;
const MEMBERS: usize = 4;
const INBOX: usize = 5;

/// The number of the person in a record of People; 0 is nobody.
pub fn person_id(record: RecordId) -> PersonId {
    PersonId(record.0 + 1)
}

fn person_record(person: PersonId) -> Option<RecordId> {
    person.0.checked_sub(1).map(RecordId)
}

/// The role's name on the wire.
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Editor => "editor",
        Role::Owner => "owner",
    }
}

/// The role of a name on the wire.
pub fn role_named(name: &str) -> Option<Role> {
    [Role::Viewer, Role::Editor, Role::Owner].into_iter().find(|role| role_name(*role) == name)
}

/// An e-mail address as it is compared.
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

impl Directory {
    /// Takes over base 0 and makes what is missing in it.
    ///
    /// # Errors
    ///
    /// If the base has stopped, or holds other tables under our names.
    pub fn open(base: Base) -> Result<Self, Error> {
        let missing = |snapshot: &Snapshot| {
            TABLES
                .iter()
                .filter(|(name, _)| snapshot.schema().table_named(name).is_none())
                .collect::<Vec<_>>()
        };
        let commands: Vec<_> = missing(&base.snapshot())
            .into_iter()
            .map(|(name, fields)| Command::create_table(name, fields))
            .collect();
        if !commands.is_empty() {
            base.submit(Request::new(None, now_ms(), commands))?;
        }
        let watch = base.watch();
        let tables =
            TABLES.iter().map(|table| columns(&watch.start, table)).collect::<Result<Vec<_>, _>>()?;
        let mut index = Index::default();
        index.rebuild(&watch.start, &tables);
        Ok(Self { base, tables, index: RwLock::new(index), watch: watch.into() })
    }

    /// The index, at least as new as all that was acknowledged before.
    pub fn read(&self) -> RwLockReadGuard<'_, Index> {
        let newest = self.base.snapshot().version();
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        if index.version >= newest {
            return index;
        }
        drop(index);
        self.catch_up();
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn catch_up(&self) {
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        while let Ok(Some(event)) = watch.try_next() {
            match event {
                WatchEvent::Delta(delta) => {
                    for kind in 0..self.tables.len() {
                        for record in delta.records(self.tables[kind].table).iter() {
                            index.refresh(&delta.after, &self.tables, kind, record);
                        }
                    }
                    index.version = delta.to;
                }
                WatchEvent::Resync(snapshot) => index.rebuild(&snapshot, &self.tables),
                WatchEvent::Stopped(_) => break,
            }
        }
    }

    /* People. */

    /// Makes a person.
    ///
    /// # Errors
    ///
    /// If the address is taken or the base has stopped.
    pub fn add_person(&self, name: &str, email: &str, password_hash: &str) -> Result<PersonId, Error> {
        let email = fold_email(email);
        if self.read().person_by_email(&email).is_some() {
            return Err(
                engine::Refusal::new(engine::Code::Conflict, "there is somebody with this address").into()
            );
        }
        let color = COLORS[self.read().people.len() % COLORS.len()];
        let row =
            [name.into(), email.as_str().into(), password_hash.into(), color.into(), Input::Number(0.0)];
        self.create(PEOPLE, row).map(person_id)
    }

    /// Gives a person another password.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn set_password(&self, person: PersonId, hash: &str) -> Result<(), Error> {
        let Some(record) = person_record(person) else { return Ok(()) };
        self.set(PEOPLE, record, 2, hash.into())
    }

    /* Sessions and tokens. */

    /// Makes a session.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn add_session(&self, session: &SessionRow, agent: &str) -> Result<RecordId, Error> {
        let agent: String = agent.chars().take(200).collect();
        self.create(
            SESSIONS,
            [
                session.hash.as_str().into(),
                person(session.person),
                moment(session.created),
                moment(session.last_seen),
                moment(session.expires),
                Input::Text(agent),
            ],
        )
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn touch_session(&self, session: RecordId, now: i64) -> Result<(), Error> {
        self.set(SESSIONS, session, 3, moment(now))
    }

    /// Ends sessions.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn end_sessions(&self, sessions: Vec<RecordId>) -> Result<(), Error> {
        self.delete(SESSIONS, sessions)
    }

    /// Makes a token.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn add_token(&self, owner: PersonId, name: &str, hash: &str) -> Result<RecordId, Error> {
        self.create(TOKENS, [hash.into(), person(owner), name.into(), moment(now_ms()), moment(0)])
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn touch_token(&self, token: RecordId, now: i64) -> Result<(), Error> {
        self.set(TOKENS, token, 4, moment(now))
    }

    /// Takes a token away.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn delete_token(&self, token: RecordId) -> Result<(), Error> {
        self.delete(TOKENS, vec![token])
    }

    /// The outside form of a token's id.
    pub fn token_text(&self, token: RecordId) -> String {
        self.base.snapshot().ids().record(self.tables[TOKENS].table, token)
    }

    /// Reads the outside form of a token's id.
    pub fn token_named(&self, text: &str) -> Option<RecordId> {
        self.base.snapshot().ids().read_record(self.tables[TOKENS].table, text)
    }

    /// The outside form of a notice's id.
    pub fn notice_text(&self, notice: RecordId) -> String {
        self.base.snapshot().ids().record(self.tables[INBOX].table, notice)
    }

    /* Bases and members. */

    /// Lists a base with its owner.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn add_base(&self, app: &str, name: &str, owner: PersonId) -> Result<(), Error> {
        let color = COLORS[self.read().bases.len() % COLORS.len()];
        let base = self.creation(BASES, [app.into(), name.into(), color.into()]);
        let member = self.creation(MEMBERS, [app.into(), person(owner), role_name(Role::Owner).into()]);
        self.base.submit(Request::new(None, now_ms(), vec![base, member])).map(drop)
    }

    /// Notes a base's name and color.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn update_base(&self, app: &str, name: Option<&str>, color: Option<&str>) -> Result<(), Error> {
        let Some(record) = self.read().base_record(app) else { return Ok(()) };
        for (column, text) in [(1, name), (2, color)] {
            if let Some(text) = text {
                self.set(BASES, record, column, text.into())?;
            }
        }
        Ok(())
    }

    /// Takes a base out of all lists.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn remove_base(&self, app: &str) -> Result<(), Error> {
        let (base, members) = {
            let index = self.read();
            let members =
                index.members.iter().filter(|((of, _), _)| of == app).map(|(_, (record, _))| *record);
            (index.base_record(app), members.collect::<Vec<_>>())
        };
        self.delete(MEMBERS, members)?;
        self.delete(BASES, base.into_iter().collect())
    }

    /// Says what a person may do in a base; `None` takes them out.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn set_member(&self, app: &str, who: PersonId, role: Option<Role>) -> Result<(), Error> {
        let known = self.read().members.get(&(app.to_owned(), who)).copied();
        match (known, role) {
            (Some((record, _)), Some(role)) => self.set(MEMBERS, record, 2, role_name(role).into()),
            (Some((record, _)), None) => self.delete(MEMBERS, vec![record]),
            (None, Some(role)) => {
                self.create(MEMBERS, [app.into(), person(who), role_name(role).into()]).map(drop)
            }
            (None, None) => Ok(()),
        }
    }

    /* Inbox. */

    /// Puts a notice into a person's inbox.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn notify(&self, notice: &Notice) -> Result<(), Error> {
        let old: Vec<_> = {
            let index = self.read();
            let own: Vec<_> = index.notices(notice.person).map(|(record, _)| record).collect();
            own[..own.len().saturating_sub(INBOX_MAX - 1)].to_vec()
        };
        self.delete(INBOX, old)?;
        self.create(
            INBOX,
            [
                person(notice.person),
                moment(notice.time),
                notice.app.as_str().into(),
                notice.table.as_str().into(),
                notice.record.as_str().into(),
                notice.text.as_str().into(),
                Input::Number(0.0),
            ],
        )
        .map(drop)
    }

    /// Marks all notices of a person as read.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn mark_read(&self, who: PersonId) -> Result<(), Error> {
        let unread: Vec<_> = {
            let index = self.read();
            index.notices(who).filter(|(_, notice)| !notice.read).map(|(record, _)| record).collect()
        };
        if unread.is_empty() {
            return Ok(());
        }
        let field = self.tables[INBOX].fields[6];
        let update =
            |record| RecordUpdate { record, if_version: None, cells: vec![(field, Input::Number(1.0))] };
        let records = unread.into_iter().map(update).collect();
        let command = Command::UpdateRecords { table: self.tables[INBOX].table, records, typecast: false };
        self.base.submit(Request::new(None, now_ms(), vec![command])).map(drop)
    }

    /* The ordinary commands behind all of it. */

    fn creation<const N: usize>(&self, kind: usize, cells: [Input; N]) -> Command {
        let Columns { table, fields } = &self.tables[kind];
        let columns = fields.iter().copied().zip(cells.map(|cell| vec![cell])).collect();
        Command::CreateRecords { table: *table, columns, n_records: 1, typecast: false }
    }

    fn create<const N: usize>(&self, kind: usize, cells: [Input; N]) -> Result<RecordId, Error> {
        let command = self.creation(kind, cells);
        let receipt = self.base.submit(Request::new(None, now_ms(), vec![command]))?;
        match receipt.outcomes.first() {
            Some(Outcome::Records { created, .. }) if !created.is_empty() => {
                Ok(created.iter().next().expect("one record was created"))
            }
            _ => Err(Error::Open("a record of the directory was not created".into())),
        }
    }

    fn set(&self, kind: usize, record: RecordId, column: usize, cell: Input) -> Result<(), Error> {
        let Columns { table, fields } = &self.tables[kind];
        let command = Command::set(*table, record, fields[column], cell);
        self.base.submit(Request::new(None, now_ms(), vec![command])).map(drop)
    }

    fn delete(&self, kind: usize, records: Vec<RecordId>) -> Result<(), Error> {
        if records.is_empty() {
            return Ok(());
        }
        let command = Command::DeleteRecords { table: self.tables[kind].table, records };
        self.base.submit(Request::new(None, now_ms(), vec![command])).map(drop)
    }
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Index {
    /// A person who may log in.
    pub fn person(&self, id: PersonId) -> Option<&PersonRow> {
        self.people.get(&person_record(id)?).filter(|person| !person.disabled)
    }

    /// A person of any standing by address.
    pub fn person_by_email(&self, email: &str) -> Option<(PersonId, &PersonRow)> {
        let record = *self.emails.get(&fold_email(email))?;
        self.people.get(&record).map(|person| (person_id(record), person))
    }

    /// A session by the hash of its cookie.
    pub fn session(&self, hash: &str) -> Option<(RecordId, &SessionRow)> {
        let record = *self.session_hashes.get(hash)?;
        self.sessions.get(&record).map(|session| (record, session))
    }

    /// A token by the hash of its secret.
    pub fn token(&self, hash: &str) -> Option<(RecordId, &TokenRow)> {
        let record = *self.token_hashes.get(hash)?;
        self.tokens.get(&record).map(|token| (record, token))
    }

    /// What a person may do in a base.
    pub fn role(&self, app: &str, person: PersonId) -> Option<Role> {
        self.members.get(&(app.to_owned(), person)).map(|(_, role)| *role)
    }

    /// The members of a base, by their numbers.
    pub fn members(&self, app: &str) -> BTreeMap<PersonId, Role> {
        let of_base = self.members.iter().filter(|((of, _), _)| of == app);
        of_base.map(|((_, person), (_, role))| (*person, *role)).collect()
    }

    /// A base as lists show it.
    pub fn base(&self, app: &str) -> Option<&BaseRow> {
        self.bases.values().find(|base| base.app == app)
    }

    fn base_record(&self, app: &str) -> Option<RecordId> {
        self.bases.iter().find(|(_, base)| base.app == app).map(|(record, _)| *record)
    }

    /// A person's notices, oldest first.
    pub fn notices(&self, person: PersonId) -> impl Iterator<Item = (RecordId, &Notice)> {
        self.inbox.iter().filter(move |(_, notice)| notice.person == person).map(|(id, notice)| (*id, notice))
    }

    /// How many notices a person has not read.
    pub fn unread(&self, person: PersonId) -> usize {
        self.notices(person).filter(|(_, notice)| !notice.read).count()
    }

    fn rebuild(&mut self, snapshot: &Snapshot, tables: &[Columns]) {
        *self = Self { version: snapshot.version(), ..Self::default() };
        for (kind, columns) in tables.iter().enumerate() {
            for record in snapshot.alive(columns.table).iter() {
                self.refresh(snapshot, tables, kind, record);
            }
        }
    }

    fn refresh(&mut self, snapshot: &Snapshot, tables: &[Columns], kind: usize, record: RecordId) {
        self.forget(kind, record);
        if !snapshot.alive(tables[kind].table).contains(record) {
            return;
        }
        let cell = |column: usize| snapshot.get(tables[kind].fields[column], record);
        let text = |column| cell(column).as_text().unwrap_or_default().to_owned();
        let number = |column| cell(column).as_number().unwrap_or(0.0) as i64;
        let person = |column| PersonId(u32::try_from(number(column)).unwrap_or(0));
        match kind {
            PEOPLE => {
                let row = PersonRow {
                    name: text(0),
                    email: text(1),
                    password_hash: text(2),
                    color: text(3),
                    disabled: number(4) != 0,
                };
                self.emails.insert(row.email.clone(), record);
                self.people.insert(record, row);
            }
            SESSIONS => {
                let row = SessionRow {
                    hash: text(0),
                    person: person(1),
                    created: number(2),
                    last_seen: number(3),
                    expires: number(4),
                };
                self.session_hashes.insert(row.hash.clone(), record);
                self.sessions.insert(record, row);
            }
            TOKENS => {
                let row = TokenRow {
                    hash: text(0),
                    person: person(1),
                    name: text(2),
                    created: number(3),
                    last_used: number(4),
                };
                self.token_hashes.insert(row.hash.clone(), record);
                self.tokens.insert(record, row);
            }
            BASES => {
                self.bases.insert(record, BaseRow { app: text(0), name: text(1), color: text(2) });
            }
            MEMBERS => {
                // A role that cannot be read is no role.
                if let Some(role) = role_named(&text(2)) {
                    let key = (text(0), person(1));
                    self.members.insert(key.clone(), (record, role));
                    self.member_rows.insert(record, key);
                }
            }
            _ => {
                let row = Notice {
                    person: person(0),
                    time: number(1),
                    app: text(2),
                    table: text(3),
                    record: text(4),
                    text: text(5),
                    read: number(6) != 0,
                };
                self.inbox.insert(record, row);
            }
        }
    }

    fn forget(&mut self, kind: usize, record: RecordId) {
        match kind {
            PEOPLE => {
                if let Some(row) = self.people.remove(&record) {
                    self.emails.remove(&row.email);
                }
            }
            SESSIONS => {
                if let Some(row) = self.sessions.remove(&record) {
                    self.session_hashes.remove(&row.hash);
                }
            }
            TOKENS => {
                if let Some(row) = self.tokens.remove(&record) {
                    self.token_hashes.remove(&row.hash);
                }
            }
            BASES => drop(self.bases.remove(&record)),
            MEMBERS => {
                if let Some(key) = self.member_rows.remove(&record) {
                    self.members.remove(&key);
                }
            }
            _ => drop(self.inbox.remove(&record)),
        }
    }
}

fn columns(snapshot: &Snapshot, (name, fields): &(&str, &[(&str, &str)])) -> Result<Columns, Error> {
    let schema = snapshot.schema();
    let lost = |what: &str| Error::Open(format!("the directory has no {what} in table \"{name}\""));
    let table = schema.table_named(name).ok_or_else(|| lost("records"))?.id;
    let find = |(field, _): &(&str, &str)| {
        schema
            .field_named(table, field)
            .map(|field| field.id)
            .ok_or_else(|| lost(&format!("field \"{field}\"")))
    };
    Ok(Columns { table, fields: fields.iter().map(find).collect::<Result<_, _>>()? })
}

fn person(id: PersonId) -> Input {
    Input::Number(f64::from(id.0))
}

fn moment(ms: i64) -> Input {
    Input::Number(ms as f64)
}
