//! [`App`]: what every request and socket shares: the engine, the directory, who is logged in, live bases.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use engine::template::Sample;
use engine::{Base, Command, Engine, Error, PersonId, Request};
use tokio::sync::Notify;

use crate::auth::Auth;
use crate::directory::Directory;
use crate::error::{Answer, Problem};
use crate::hub::Hubs;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::outgoing::{Network, Outgoing};
use crate::time::now_ms;

/// What the operator says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The data folder.
    pub data: PathBuf,
    /// How people reach the server, without a slash at the end; `https` makes cookies secure.
    pub public_url: Option<String>,
    /// Serve the browser app from here and not from the binary.
    pub web_dir: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Networks that outgoing requests may reach although they are not global.
    pub allowed_networks: Vec<Network>,
    /// Whether automations run; off for commands that only work on the folder.
    pub runs: bool,
}

/// See the module's head. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    /// What the operator said.
    pub options: Options,
    /// Owns the bases.
    pub engine: Engine,
    /// People, sessions, tokens, members.
    pub directory: Directory,
    /// Passwords, sessions, delays.
    pub auth: Auth,
    /// Live bases.
    pub hubs: Hubs,
    /// Figures for operators.
    pub metrics: Metrics,
    /// The only client for requests to the outside.
    pub outgoing: Outgoing,
    open: Mutex<HashMap<String, Arc<Live>>>,
    stopping: AtomicBool,
    control: Mutex<Option<String>>,
    /// Told when [`App::stop`] was called.
    pub stopped: Notify,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("options", &self.options).finish_non_exhaustive()
    }
}

impl App {
    /// Opens a data folder. Blocks.
    ///
    /// # Errors
    ///
    /// If the folder cannot be opened, or another server has it.
    pub fn open(options: Options) -> Result<Self, Error> {
        let engine = Engine::open(&options.data)?;
        let directory = Directory::open(engine.directory()?)?;
        let outgoing = Outgoing::new(options.allowed_networks.clone());
        let auth = Auth::new();
        Ok(Self(Arc::new(Parts {
            options,
            engine,
            directory,
            auth,
            hubs: Hubs::default(),
            metrics: Metrics::new(),
            outgoing,
            open: Mutex::default(),
            stopping: AtomicBool::new(false),
            control: Mutex::default(),
            stopped: Notify::new(),
        })))
    }

    /// An open base, opening it if need be.
    ///
    /// # Errors
    ///
    /// 500 for one that cannot be opened.
    pub async fn base(&self, app: &str) -> Answer<Arc<Live>> {
        if let Some(live) = self.opened(app) {
            return Ok(live);
        }
        let (this, id) = (self.clone(), app.to_owned());
        let opened = tokio::task::spawn_blocking(move || this.base_blocking(&id)).await;
        opened.map_err(Problem::internal)?.map_err(Problem::internal)
    }

    /// As [`App::base`], for threads that may wait.
    ///
    /// # Errors
    ///
    /// If the base cannot be opened.
    pub fn base_blocking(&self, app: &str) -> Result<Arc<Live>, Error> {
        if let Some(live) = self.opened(app) {
            return Ok(live);
        }
        let base = self.engine.base(app)?;
        self.sync_people(app, &base)?;
        Ok(Arc::clone(
            self.lock_open()
                .entry(app.to_owned())
                .or_insert_with(|| Arc::new(Live::new(base, self.options.runs))),
        ))
    }

    /// The bases that are open.
    pub fn opened_bases(&self) -> Vec<(String, Arc<Live>)> {
        self.lock_open().iter().map(|(app, live)| (app.clone(), Arc::clone(live))).collect()
    }

    /// Makes a base owned by `owner`. Blocks.
    ///
    /// # Errors
    ///
    /// If a command is refused; nothing is left then.
    pub fn create_base(
        &self,
        owner: PersonId,
        name: &str,
        locale: &str,
        time_zone: &str,
        start: Start,
    ) -> Result<(String, Base), Error> {
        let id = crate::secret::random_128();
        let create = Command::CreateBase {
            id,
            name: name.to_owned(),
            locale: locale.to_owned(),
            time_zone: time_zone.to_owned(),
        };
        let mut all = vec![create];
        all.extend(start.commands);
        let base = self.engine.create_base(Request::new(Some(owner), now_ms(), all))?;
        let app = engine::id::base_id(id);
        self.directory.add_base(&app, name, owner)?;
        self.sync_people(&app, &base)?;
        if let Some(template) = start.template {
            let locale = engine::template::Locale::of(locale);
            let made = engine::template::create(&base, template, locale, Some(owner), now_ms())
                .map_err(|error| error.to_string())
                .and_then(|()| match start.sample {
                    true => self.fill(&base, template, owner).map_err(|error| error.to_string()),
                    false => Ok(()),
                });
            if let Err(error) = made {
                // Half a template is no base to begin with.
                self.directory.remove_base(&app)?;
                drop(base);
                self.engine.delete_base(&app)?;
                return Err(Error::Open(format!("template {}: {error}", template.id)));
            }
        }
        self.lock_open().insert(app.clone(), Arc::new(Live::new(base.clone(), self.options.runs)));
        Ok((app, base))
    }

    /// Puts a template's sample data into a base that was just made from it.
    fn fill(&self, base: &Base, template: &engine::template::Template, owner: PersonId) -> Result<(), Error> {
        let sample =
            Sample { author: Some(owner), people: &[owner], rows: None, seed: SAMPLE_SEED, now_ms: now_ms() };
        (template.fill)(base, &sample, &mut |_, _| {})
    }

    /// Deletes a base for good. Blocks.
    ///
    /// # Errors
    ///
    /// If its files cannot be removed.
    pub fn delete_base(&self, app: &str) -> Result<(), Error> {
        // Nobody gets in from here on; whoever is in is sent away.
        self.directory.remove_base(app)?;
        self.hubs.end(app);
        let live = self.lock_open().remove(app);
        if let Some(live) = live {
            live.stop();
        }
        self.engine.delete_base(app)
    }

    /// Tells a base who its members are, where it differs from the directory. Blocks.
    ///
    /// # Errors
    ///
    /// If the base has stopped.
    pub fn sync_people(&self, app: &str, base: &Base) -> Result<(), Error> {
        let snapshot = base.snapshot();
        let known = &snapshot.schema().people;
        let index = self.directory.read();
        let members = index.members(app);
        let gone = known.values().filter(|person| person.role.is_some() && !members.contains_key(&person.id));
        let mut commands: Vec<_> = gone
            .map(|person| Command::SetPerson {
                id: person.id,
                name: person.name.clone(),
                email: person.email.clone(),
                color: person.color.clone(),
                role: None,
            })
            .collect();
        for (id, role) in members {
            let Some(row) = index.person(id) else { continue };
            let same = known.get(&id).is_some_and(|person| {
                (&person.name, &person.email, &person.color, person.role)
                    == (&row.name, &row.email, &row.color, Some(role))
            });
            if !same {
                commands.push(Command::SetPerson {
                    id,
                    name: row.name.clone(),
                    email: row.email.clone(),
                    color: row.color.clone(),
                    role: Some(role),
                });
            }
        }
        drop(index);
        if commands.is_empty() {
            return Ok(());
        }
        let mut request = Request::new(None, now_ms(), commands);
        request.cause = engine::Cause::System;
        base.submit(request).map(drop)
    }

    /// Whether people reach the server by https.
    pub fn is_https(&self) -> bool {
        self.options.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Whether a proxy at this address may say for whom it asks.
    pub fn trusts(&self, proxy: IpAddr) -> bool {
        self.options.trusted_proxies.iter().any(|network| network.contains(proxy))
    }

    /// What commands of the same machine must know, as a hash.
    pub fn control_hash(&self) -> Option<String> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets what commands of the same machine must know.
    pub fn set_control(&self, secret: &str) {
        *self.control.lock().unwrap_or_else(PoisonError::into_inner) = Some(crate::secret::hash(secret));
    }

    /// Begins to stop: sockets are closed, tasks end.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.stopped.notify_waiters();
        self.hubs.stop();
    }

    /// Whether [`App::stop`] was called.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn opened(&self, app: &str) -> Option<Arc<Live>> {
        self.lock_open().get(app).cloned()
    }

    fn lock_open(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Live>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `work` where it may wait, and answers 500 if it panics.
///
/// # Errors
///
/// Those of `work`.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Answer<T> + Send + 'static) -> Answer<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(panic) => Err(Problem::internal(panic)),
    }
}

/// Sample data is the same for everybody.
pub const SAMPLE_SEED: u64 = 1_111;

/// What a new base starts with.
#[derive(Debug, Default)]
pub struct Start {
    /// A template to build.
    pub template: Option<&'static engine::template::Template>,
    /// Commands of the commit that makes the base.
    pub commands: Vec<Command>,
    /// Whether the template's sample data is put in as well.
    pub sample: bool,
}
