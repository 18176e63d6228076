use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::*;

const LIMITS: Limits = Limits {
    max_source: 8,
    max_target: 8,
    vocabulary: 8,
};

/// Says by which name it was loaded.
struct Fake;

impl Engine for Fake {
    fn generate(&self, _: &[Vec<u32>], _: &Decoding) -> Result<Vec<Generated>, EngineError> {
        Ok(Vec::new())
    }

    fn embed(&self, batch: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError> {
        Ok(batch.iter().map(|_| Vec::new()).collect())
    }

    fn limits(&self) -> Limits {
        LIMITS
    }
}

/// A rack whose loads are told as they begin, and end when `gate` says so.
fn rack(budget: u64) -> (Arc<Rack>, Receiver<String>, Sender<()>) {
    let (loads, told) = channel();
    let (open, gate) = channel();
    let (loads, gate) = (Mutex::new(loads), Mutex::new(gate));
    let load = move |folder: &Path| -> Result<Box<dyn Engine>, EngineError> {
        loads.lock().unwrap().send(folder.display().to_string()).unwrap();
        let gate: MutexGuard<'_, Receiver<()>> = gate.lock().unwrap();
        gate.recv().unwrap();
        Ok(Box::new(Fake))
    };
    (Arc::new(Rack::new(budget, Box::new(load))), told, open)
}

fn loaded(told: &Receiver<String>) -> Vec<String> {
    told.try_iter().collect()
}

#[test]
fn models_that_fit_together_are_loaded_once() {
    let (rack, told, open) = rack(100);
    let models = ["a", "b"].map(|name| rack.lend(Path::new(name), 50, LIMITS));
    (0..2).for_each(|_| open.send(()).unwrap());
    for _ in 0..3 {
        for model in &models {
            model.ready().unwrap();
        }
    }
    assert_eq!(loaded(&told), ["a", "b"]);
    assert!(rack.all_fit());
}

#[test]
fn the_least_recently_used_makes_room() {
    let (rack, told, open) = rack(100);
    let [a, b, c] = ["a", "b", "c"].map(|name| rack.lend(Path::new(name), 50, LIMITS));
    (0..4).for_each(|_| open.send(()).unwrap());
    for model in [&a, &b, &a, &c, &a, &b] {
        model.embed(&[vec![1]]).unwrap();
    }
    assert_eq!(loaded(&told), ["a", "b", "c", "b"]);
    assert!(!rack.all_fit() && rack.state().held() == 100);
}

#[test]
fn the_next_model_is_loaded_while_the_present_one_works() {
    let (rack, told, open) = rack(100);
    let [a, b] = ["a", "b"].map(|name| rack.lend(Path::new(name), 50, LIMITS));
    open.send(()).unwrap();
    a.ready().unwrap();
    b.prepare();
    // The load of b has begun and waits at the gate, and a goes on working.
    assert_eq!(told.iter().take(2).collect::<Vec<_>>(), ["a", "b"]);
    a.embed(&[vec![1]]).unwrap();
    open.send(()).unwrap();
    b.ready().unwrap();
    assert!(loaded(&told).is_empty(), "loaded once");
}

#[test]
fn the_model_at_work_is_not_put_away_for_one_that_is_only_expected() {
    let (rack, told, open) = rack(80);
    let [a, b] = ["a", "b"].map(|name| rack.lend(Path::new(name), 50, LIMITS));
    (0..2).for_each(|_| open.send(()).unwrap());
    a.ready().unwrap();
    b.prepare();
    a.ready().unwrap();
    b.ready().unwrap();
    assert_eq!(loaded(&told), ["a", "b"]);
    assert_eq!(rack.state().held(), 50);
}

#[test]
fn the_budget_holds_while_another_model_is_coming() {
    let (rack, told, open) = rack(100);
    let [a, b, c] = ["a", "b", "c"].map(|name| rack.lend(Path::new(name), 50, LIMITS));
    open.send(()).unwrap();
    a.ready().unwrap();
    b.prepare();
    assert_eq!(told.iter().take(2).collect::<Vec<_>>(), ["a", "b"]);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| c.ready());
        // c may take the room of a while b comes; were b not counted, all three would be held.
        assert_eq!(told.recv_timeout(Duration::from_secs(20)).unwrap(), "c");
        assert!(rack.state().held() <= 100);
        (0..2).for_each(|_| open.send(()).unwrap());
        waiting.join().unwrap().unwrap();
    });
    assert!(rack.state().held() <= 100);
}

#[test]
fn a_load_that_fails_is_told_and_tried_again_and_one_that_panics_leaves_nobody_waiting() {
    let times = Mutex::new(0);
    let load = move |folder: &Path| -> Result<Box<dyn Engine>, EngineError> {
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        *times += 1;
        match *times {
            1 => panic!("a loader that panics"),
            2 => Err(EngineError::Config {
                path: folder.to_owned(),
                message: "wrong".to_owned(),
            }),
            _ => Ok(Box::new(Fake)),
        }
    };
    let rack = Arc::new(Rack::new(100, Box::new(load)));
    let model = rack.lend(Path::new("a"), 50, LIMITS);
    model.prepare();
    assert!(model.ready().unwrap_err().to_string().contains("wrong"));
    model.ready().unwrap();
}
