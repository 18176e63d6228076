use super::*;

fn folder_with(name: &str, bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    folder
}

fn safetensors() -> Vec<u8> {
    let data: Vec<u8> = (0_u8..6).flat_map(|number| f32::from(number).to_le_bytes()).collect();
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![2, 3], &data).unwrap();
    safetensors::serialize([("a", view)], None).unwrap()
}

#[test]
fn a_folder_without_weights_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Checkpoint::open(folder.path()),
        Err(WeightsError::None { .. })
    ));
}

#[test]
fn a_safetensors_file_is_read_by_rows() {
    let folder = folder_with("model.safetensors", &safetensors());
    let checkpoint = Checkpoint::open(folder.path()).unwrap();
    assert_eq!(checkpoint.read("a", &[2, 3]).unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(checkpoint.read_rows("a", &[2, 3], 1..2).unwrap(), [3.0, 4.0, 5.0]);
}

#[test]
fn another_shape_is_an_error_that_names_the_tensor() {
    let folder = folder_with("model.safetensors", &safetensors());
    let error = Checkpoint::open(folder.path())
        .unwrap()
        .read("a", &[3, 2])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("tensor a: expected shape [3, 2], found [2, 3]"),
        "{error}"
    );
}

#[test]
fn truncation_at_any_byte_is_an_error() {
    let whole = safetensors();
    for length in 0..whole.len() {
        let folder = folder_with("model.safetensors", &whole[..length]);
        assert!(
            Checkpoint::open(folder.path()).is_err(),
            "{length} of {} bytes",
            whole.len()
        );
    }
}

#[test]
fn an_infinite_weight_is_an_error_that_names_it() {
    let mut bytes = safetensors();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let folder = folder_with("model.safetensors", &bytes);
    let error = Checkpoint::open(folder.path()).unwrap().read("a", &[2, 3]).unwrap_err();
    assert!(matches!(error, WeightsError::NotFinite { element: 5, .. }), "{error}");
}

#[test]
fn a_pickle_that_asks_for_a_call_is_refused() {
    // Protocol 2: os.system("true").
    let hostile = b"\x80\x02cos\nsystem\n(X\x04\x00\x00\x00truetR.";
    let error = pickle::read(hostile).err().unwrap();
    assert!(error.contains("os.system"), "{error}");
}

#[test]
fn a_file_of_rubbish_is_an_error() {
    for rubbish in [
        &b"PK\x03\x04"[..],
        b"",
        b"\x80\x02",
        b"....",
        b"PK\x05\x06aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let folder = folder_with("pytorch_model.bin", rubbish);
        assert!(
            matches!(Checkpoint::open(folder.path()), Err(WeightsError::Malformed { .. })),
            "{rubbish:?}"
        );
    }
}
