//! Which files a run reads, and which of them are as they were when an earlier run read them to their end.

use std::collections::HashMap;
use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use super::store::{Reading, Store, StoreError, UnitKey, unit_key};
use crate::article::{self, Place, Rejection};
use crate::job::Job;

/// A file that changed less than this before it is looked at may change again without its times showing it: some file
/// systems count in seconds.
const SETTLED: Duration = Duration::from_secs(3);

/// Something to read, and its place in the store.
pub type Input = (Result<Place, Rejection>, Reading);

/// Finds the inputs of a job and forgets what the store holds from others.
///
/// # Errors
/// When the store cannot be written.
pub fn begin(job: &Job, store: &Store) -> Result<Vec<Input>, StoreError> {
    let places: Vec<_> = article::places(&job.inputs).collect();
    let mut times: HashMap<String, usize> = HashMap::new();
    let marks: Vec<_> = places
        .iter()
        .map(|place| {
            let place = place.as_ref().ok()?;
            let time = times.entry(place.name()).and_modify(|time| *time += 1).or_default();
            mark(job, place, *time)
        })
        .collect();
    let readings = store.begin(&marks)?;
    Ok(places.into_iter().zip(readings).collect())
}

/// A hash of all that reading a file depends on. `None` where the same hash could stand for something else: standard
/// input, files that have just changed, and runs that stop reading at a limit.
fn mark(job: &Job, place: &Place, time: usize) -> Option<UnitKey> {
    let Place::File(path) = place else {
        return None;
    };
    let (state, changed) = look(&path.metadata().ok().filter(|_| job.limit.is_none())?);
    if SystemTime::now().duration_since(changed?).ok()? < SETTLED {
        return None;
    }
    let shard = job.shard.map(|shard| shard.to_string()).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    Some(unit_key(&[version, &shard, &place.name(), &time.to_string(), &state]))
}

/// Size, times and number of a file, and when it last changed. On Unix a file cannot be written to without its change time
/// moving.
fn look(found: &Metadata) -> (String, Option<SystemTime>) {
    let modified = found.modified().ok();
    #[cfg(unix)]
    let (changed, number) = {
        use std::os::unix::fs::MetadataExt;
        let since = found.ctime().try_into().ok().zip(found.ctime_nsec().try_into().ok());
        let changed = since.map(|(seconds, nanos)| SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos));
        (changed, (found.dev(), found.ino()))
    };
    #[cfg(not(unix))]
    let (changed, number) = (modified, (0_u64, 0_u64));
    let state = format!("{} {modified:?} {changed:?} {number:?}", found.len());
    (state, modified.max(changed))
}

/// How a file looks from outside.
pub fn state(found: &Metadata) -> String {
    look(found).0
}
