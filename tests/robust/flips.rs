//! Flipped bits: noticed wherever a checksum is known.

use std::time::{Duration, SystemTime};

use super::*;

fn flip(path: &Path, byte: usize, bit: u8) {
    let time = path.metadata().unwrap().modified().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    bytes[byte] ^= 1 << bit;
    std::fs::write(path, bytes).unwrap();
    std::fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

#[test]
fn a_flipped_bit_in_a_zipped_checkpoint_never_changes_an_answer() {
    let folder = copy("marian-b");
    let file = folder.path().join("pytorch_model.bin");
    let expected = generate(open(folder.path(), KINDS[0]).unwrap().as_ref(), folder.path());
    let length = std::fs::metadata(&file).unwrap().len() as usize;
    let (mut noticed, mut tried) = (0, 0);
    for byte in (0..length).step_by(1499) {
        flip(&file, byte, (byte % 8) as u8);
        // Otherwise the remembered hash would notice: here the file's own must.
        let time = SystemTime::now() + Duration::from_secs(byte as u64);
        std::fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(time)
            .unwrap();
        tried += 1;
        match open(folder.path(), KINDS[0]) {
            // Padding between members, and times of day, mean nothing.
            Ok(engine) => assert_eq!(generate(engine.as_ref(), folder.path()), expected, "byte {byte}"),
            Err(_) => noticed += 1,
        }
        flip(&file, byte, (byte % 8) as u8);
    }
    assert!(noticed * 2 > tried, "{noticed} of {tried}");
}

#[test]
fn a_flipped_bit_in_converted_weights_never_changes_an_answer() {
    let (folder, cache) = (copy("m2m100-a"), tempfile::tempdir().unwrap());
    let options = options(Kind::Fast, Precision::Int8, Some(cache.path()));
    let expected = generate(load(folder.path(), &options).unwrap().as_ref(), folder.path());
    let converted = || {
        let places = std::fs::read_dir(cache.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut files = places
            .filter(|place| place.is_dir())
            .flat_map(|place| std::fs::read_dir(place).unwrap());
        files
            .find_map(|entry| Some(entry.unwrap().path()).filter(|path| path.extension().is_some()))
            .unwrap()
    };
    let whole = std::fs::read(converted()).unwrap();
    // Everywhere in the file, and densely in its head and in the index at its end.
    let places = (0..whole.len())
        .step_by(977)
        .chain(0..60)
        .chain((whole.len() - 4000..whole.len()).step_by(23));
    for byte in places {
        flip(&converted(), byte, (byte % 8) as u8);
        let engine = load(folder.path(), &options).unwrap();
        assert_eq!(generate(engine.as_ref(), folder.path()), expected, "byte {byte}");
        drop(engine);
        std::fs::write(converted(), &whole).unwrap();
    }
    for length in [0, 1, 23, 60, whole.len() / 2, whole.len() - 1] {
        std::fs::write(converted(), &whole[..length]).unwrap();
        let engine = load(folder.path(), &options).unwrap();
        assert_eq!(generate(engine.as_ref(), folder.path()), expected, "{length} bytes");
        assert_eq!(std::fs::read(converted()).unwrap(), whole, "made anew");
    }
}

#[test]
#[cfg(unix)]
fn a_flipped_bit_in_a_blob_of_a_hub_is_noticed_by_its_name() {
    use sha2::{Digest, Sha256};
    let folder = copy("bart-a");
    let (file, blobs) = (folder.path().join("model.safetensors"), folder.path().join("blobs"));
    let name = format!("{:x}", Sha256::digest(std::fs::read(&file).unwrap()));
    std::fs::create_dir(&blobs).unwrap();
    std::fs::rename(&file, blobs.join(&name)).unwrap();
    std::os::unix::fs::symlink(blobs.join(&name), &file).unwrap();
    for kind in KINDS {
        open(folder.path(), kind).unwrap();
        flip(&blobs.join(&name), 40_000, 2);
        let error = weights_refusal(folder.path(), kind);
        assert!(matches!(error, WeightsError::Damaged { .. }), "{error}");
        assert!(
            error.to_string().contains(&format!("expected SHA-256 {name}")),
            "{error}"
        );
        flip(&blobs.join(&name), 40_000, 2);
    }
}

#[test]
fn a_flipped_bit_in_weights_that_were_read_before_ends_the_command() {
    let (folder, home) = (copy("bart-a"), tempfile::tempdir().unwrap());
    let generate = |more: &str| {
        let arguments = format!("generate --model {} {more}", folder.path().display());
        let output = command(home.path())
            .args(arguments.split_whitespace())
            .write_stdin("{\"ids\":[5,9,40,2]}\n")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, before, errors) = generate("--precision int8");
    assert_eq!(code, Some(0), "{errors}");
    flip(&folder.path().join("model.safetensors"), 40_000, 2);
    for more in ["--precision f32", "--engine reference"] {
        let (code, out, errors) = generate(more);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.contains("the file is damaged: expected BLAKE3"), "{errors}");
    }
    // The weights converted before are under a hash of their own and still good.
    let (code, after, errors) = generate("--precision int8");
    assert_eq!((code, after), (Some(0), before), "{errors}");
}
