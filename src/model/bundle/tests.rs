use super::*;
use crate::model::{Access, Catalogue, resolve};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const CONFIG: &str = r#"{"model_type": "m2m_100", "eos_token_id": 2}"#;

/// A model as a hub download leaves it.
fn downloaded(hub: &Path) {
    let place = Repository::new(hub, "makers/tiny").unwrap();
    cache::make(&place.folder().join("blobs")).unwrap();
    for (name, etag, content) in [("config.json", "aa", CONFIG), ("model.safetensors", "bb", "weights")] {
        std::fs::write(place.blob(etag), content).unwrap();
        cache::link(&place.blob(etag), &place.snapshot(COMMIT).join(name)).unwrap();
    }
    cache::write(&place.reference("main").unwrap(), COMMIT.as_bytes()).unwrap();
}

fn find(spec: &str, hub: &Path) -> Resolved {
    let access = Access {
        hub: hub.to_owned(),
        ..Access::offline()
    };
    resolve(spec, &Catalogue::load(&[]).unwrap(), &access).unwrap()
}

#[test]
fn a_model_of_the_hub_arrives_in_the_other_machines_cache() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    downloaded(here.path());
    let model = find("hf:makers/tiny", here.path());
    let tar = here.path().join("tiny.tar");
    export(&model, &tar).unwrap();
    let (manifest, _) = import(&tar, there.path(), there.path()).unwrap();
    assert_eq!(manifest.repository.as_deref(), Some("makers/tiny"));
    let arrived = find(&format!("hf:makers/tiny@{COMMIT}"), there.path());
    assert_eq!(arrived.hash, model.hash);
    let link = std::fs::read_link(arrived.folder.join("config.json")).unwrap();
    assert_eq!(link, Path::new("../../blobs/aa"));
    assert_eq!(
        std::fs::read_dir(there.path()).unwrap().count(),
        1,
        "nothing is left over"
    );
}

#[test]
fn a_folder_arrives_as_a_folder() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("mine");
    cache::make(&folder).unwrap();
    std::fs::write(folder.join("config.json"), CONFIG.replace("m2m_100", "bart")).unwrap();
    std::fs::write(folder.join("model.safetensors"), "weights").unwrap();
    let model = find(&folder.display().to_string(), place.path());
    let tar = place.path().join("mine.tar");
    export(&model, &tar).unwrap();
    let (_, arrived) = import(&tar, place.path(), &place.path().join("models")).unwrap();
    assert_eq!(arrived, place.path().join("models/mine"));
    assert_eq!(find(&arrived.display().to_string(), place.path()).hash, model.hash);
}

#[test]
fn a_damaged_tar_leaves_nothing_behind() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    downloaded(here.path());
    let tar = here.path().join("tiny.tar");
    export(&find("hf:makers/tiny", here.path()), &tar).unwrap();
    let whole = std::fs::read(&tar).unwrap();
    let at = whole.windows(7).rposition(|bytes| bytes == b"weights").unwrap();
    let mut wrong = whole.clone();
    wrong[at] ^= 1;
    for (content, said) in [
        (&wrong[..], "`model.safetensors` is damaged: expected BLAKE3"),
        (&whole[..at - 512], "`model.safetensors`: expected this file next"),
        (&whole[..300], "at its beginning"),
        (b"", "at its beginning"),
    ] {
        std::fs::write(&tar, content).unwrap();
        let error = import(&tar, there.path(), there.path()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        assert_eq!(std::fs::read_dir(there.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_file_larger_than_its_tar_promised_is_given_up_at_once() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let content = vec![0; 1 << 20];
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        name: "tiny".to_owned(),
        repository: None,
        revision: None,
        commit: None,
        files: vec![Member {
            name: "model.safetensors".to_owned(),
            blob: None,
            size: 7,
            blake3: blake3::hash(&content).to_hex().to_string(),
        }],
    };
    let mut tar = tar::Builder::new(Vec::new());
    let text = serde_json::to_vec(&manifest).unwrap();
    append(&mut tar, MANIFEST, text.len() as u64, text.as_slice()).unwrap();
    append(&mut tar, "model.safetensors", content.len() as u64, content.as_slice()).unwrap();
    let path = here.path().join("tiny.tar");
    std::fs::write(&path, tar.into_inner().unwrap()).unwrap();
    let error = import(&path, there.path(), there.path()).unwrap_err().to_string();
    assert!(error.contains("expected 7 bytes, found more"), "{error}");
    assert_eq!(std::fs::read_dir(there.path()).unwrap().count(), 0);
}

#[test]
fn a_manifest_that_climbs_out_is_refused() {
    let there = tempfile::tempdir().unwrap();
    let member = |name: &str, blob: Option<&str>| Member {
        name: name.to_owned(),
        blob: blob.map(str::to_owned),
        size: 0,
        blake3: String::new(),
    };
    let good = Manifest {
        schema: SCHEMA.to_owned(),
        name: "tiny".to_owned(),
        repository: Some("makers/tiny".to_owned()),
        revision: Some("main".to_owned()),
        commit: Some(COMMIT.to_owned()),
        files: vec![member("config.json", Some("aa"))],
    };
    assert_eq!(good.check(), Ok(()));
    for bad in [
        Manifest {
            files: vec![member("../x", None)],
            ..good.clone()
        },
        Manifest {
            files: vec![member("x", Some("../../x"))],
            ..good.clone()
        },
        Manifest {
            revision: Some("../x".to_owned()),
            ..good.clone()
        },
        Manifest {
            commit: Some("../x".to_owned()),
            ..good.clone()
        },
        Manifest {
            repository: None,
            name: "../x".to_owned(),
            ..good.clone()
        },
        Manifest {
            schema: "khulosa.model/2".to_owned(),
            ..good.clone()
        },
    ] {
        assert!(bad.check().is_err(), "{bad:?}");
    }
    let outside = Manifest {
        repository: Some("../tiny".to_owned()),
        ..good
    };
    assert!(outside.place(there.path(), there.path(), there.path()).is_err());
}

#[cfg(unix)]
#[test]
fn others_on_the_machine_can_read_what_was_written() {
    use std::os::unix::fs::PermissionsExt;
    let here = tempfile::tempdir().unwrap();
    downloaded(here.path());
    let tar = here.path().join("tiny.tar");
    export(&find("hf:makers/tiny", here.path()), &tar).unwrap();
    let plain = here.path().join("plain");
    std::fs::write(&plain, "").unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
    let reference = Repository::new(here.path(), "makers/tiny")
        .unwrap()
        .reference("main")
        .unwrap();
    assert_eq!((mode(&tar), mode(&reference)), (mode(&plain), mode(&plain)));
}
