//! PyTorch's own files: zip archives (`torch.save` since 1.6, and libtorch's archives such as rust_model.ot), and the
//! stream of pickles that `torch.save` wrote before.

use std::collections::BTreeMap;

use super::pickle::{self, Pickle, Value};
use super::{Format, Mapped, Place, WeightsError};

/// Where a storage's bytes are.
type Storages = BTreeMap<String, (usize, usize)>;

/// The tensors of a PyTorch file.
pub(super) fn read(file: &Mapped, index: usize) -> Result<Vec<(String, Place)>, WeightsError> {
    let bytes: &[u8] = &file.bytes;
    let result = if bytes.starts_with(b"PK") {
        zip(bytes, index)
    } else {
        legacy(bytes, index)
    };
    result.map_err(|message| file.malformed(message))
}

fn number(bytes: &[u8], at: usize, count: usize) -> Result<usize, String> {
    let slice = at
        .checked_add(count)
        .and_then(|end| bytes.get(at..end))
        .ok_or("the file ends early")?;
    let number = slice
        .iter()
        .rev()
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number).map_err(|error| error.to_string())
}

fn zip(bytes: &[u8], index: usize) -> Result<Vec<(String, Place)>, String> {
    let entries = directory(bytes)?;
    let (pickle, (start, end)) = entries
        .iter()
        .find(|(name, _)| name.ends_with("/data.pkl") || *name == "data.pkl")
        .ok_or("the archive holds no data.pkl")?;
    let folder = pickle.trim_end_matches("data.pkl");
    let storages = entries
        .iter()
        .filter_map(|(name, place)| {
            let rest = name.strip_prefix(folder)?;
            let key = rest.strip_prefix("data/").or_else(|| rest.strip_prefix("tensors/"))?;
            Some((key.to_owned(), *place))
        })
        .collect();
    let pickle = pickle::read(bytes.get(*start..*end).ok_or("data.pkl lies outside of the file")?)?;
    tensors(&pickle.value, &storages, index)
}

/// Names and byte ranges of the members of a zip archive that are not compressed. libtorch deflates the code of a module,
/// which holds no weights; tensors never are.
fn directory(bytes: &[u8]) -> Result<Storages, String> {
    // The end record is 22 bytes long and may be followed by a comment of up to 65,535.
    let earliest = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(earliest..).unwrap_or_default();
    let end = earliest
        + tail
            .windows(4)
            .rposition(|window| window == b"PK\x05\x06")
            .ok_or("the archive has no directory: truncated?")?;
    if number(bytes, end + 20, 2)? != bytes.len() - (end + 22) {
        return Err("the archive does not end where it says: truncated?".to_owned());
    }
    let (mut count, mut at) = (number(bytes, end + 10, 2)?, number(bytes, end + 16, 4)?);
    if let Some(locator) = end
        .checked_sub(20)
        .filter(|at| bytes.get(*at..*at + 4) == Some(b"PK\x06\x07"))
    {
        let record = number(bytes, locator + 8, 8)?;
        (count, at) = (
            number(bytes, record.saturating_add(32), 8)?,
            number(bytes, record.saturating_add(48), 8)?,
        );
    }
    let mut entries = Storages::new();
    for _ in 0..count {
        if at.checked_add(46).and_then(|_| bytes.get(at..at + 4)) != Some(b"PK\x01\x02") {
            return Err("the archive's directory is damaged".to_owned());
        }
        let lengths = [
            number(bytes, at + 28, 2)?,
            number(bytes, at + 30, 2)?,
            number(bytes, at + 32, 2)?,
        ];
        let name = bytes.get(at + 46..at + 46 + lengths[0]).ok_or("the file ends early")?;
        if number(bytes, at + 10, 2)? != 0 {
            at += 46 + lengths.iter().sum::<usize>();
            continue;
        }
        let (mut size, mut local) = (number(bytes, at + 24, 4)?, number(bytes, at + 42, 4)?);
        large(bytes, at, lengths, &mut size, &mut local)?;
        let header = local.checked_add(26).ok_or("an offset overflows")?;
        let name_and_extra = [number(bytes, header, 2)?, number(bytes, header.saturating_add(2), 2)?];
        let start = header.saturating_add(4 + name_and_extra.iter().sum::<usize>());
        let stop = start
            .checked_add(size)
            .filter(|stop| *stop <= bytes.len())
            .ok_or("a member lies outside of the file")?;
        // Written since PyTorch 1.6, unless somebody asked not to: then it is 0.
        let (expected, found) = (number(bytes, at + 16, 4)?, crc32fast::hash(&bytes[start..stop]));
        if expected != 0 && expected != found as usize {
            return Err(format!(
                "{} is damaged: expected CRC-32 {expected:08x}, found {found:08x}",
                String::from_utf8_lossy(name)
            ));
        }
        entries.insert(String::from_utf8_lossy(name).into_owned(), (start, stop));
        at += 46 + lengths.iter().sum::<usize>();
    }
    Ok(entries)
}

/// Sizes and offsets beyond 32 bits stand in an extra field.
fn large(bytes: &[u8], at: usize, lengths: [usize; 3], size: &mut usize, local: &mut usize) -> Result<(), String> {
    const FULL: usize = 0xffff_ffff;
    let (mut field, end) = (at + 46 + lengths[0], at + 46 + lengths[0] + lengths[1]);
    while field + 4 <= end {
        let (id, length) = (number(bytes, field, 2)?, number(bytes, field + 2, 2)?);
        if id == 1 {
            let mut next = field + 4;
            if *size == FULL {
                *size = number(bytes, next, 8)?;
                next += 8;
            }
            // The compressed size comes between the two.
            if number(bytes, at + 20, 4)? == FULL {
                next += 8;
            }
            if *local == FULL {
                *local = number(bytes, next, 8)?;
            }
        }
        field += 4 + length;
    }
    Ok(())
}

/// Magic number, protocol, system, data and storage keys, one pickle each; then the storages.
fn legacy(bytes: &[u8], index: usize) -> Result<Vec<(String, Place)>, String> {
    let mut at = 0;
    let mut next = || -> Result<Pickle, String> {
        let pickle = pickle::read(bytes.get(at..).unwrap_or_default())?;
        at += pickle.length;
        Ok(pickle)
    };
    let (_magic, _protocol, _system) = (next()?, next()?, next()?);
    let (data, keys) = (next()?, next()?);
    let Value::List(keys) = &keys.value else {
        return Err("expected a list of storages".to_owned());
    };
    let mut sizes = BTreeMap::new();
    storage_sizes(&data.value, &mut sizes)?;
    let mut storages = Storages::new();
    for key in keys.borrow().iter() {
        let Value::Text(key) = key else {
            return Err("expected a storage's name".to_owned());
        };
        let count = number(bytes, at, 8)?;
        let size = sizes
            .get(&**key)
            .copied()
            .ok_or_else(|| format!("storage {key} belongs to no tensor"))?;
        let start = at + 8;
        at = count
            .checked_mul(size)
            .and_then(|size| start.checked_add(size))
            .filter(|end| *end <= bytes.len())
            .ok_or_else(|| format!("storage {key} lies outside of the file: truncated?"))?;
        storages.insert(key.to_string(), (start, at));
    }
    tensors(&data.value, &storages, index)
}

fn storage_sizes(data: &Value, sizes: &mut BTreeMap<String, usize>) -> Result<(), String> {
    for (_, arguments) in named(data)? {
        let (key, format) = storage(arguments.first())?;
        sizes.insert(key, format.bytes());
    }
    Ok(())
}

/// Names and constructor arguments of the tensors of a state dictionary, or of an archive's attributes.
/// A name, and the arguments that its tensor is rebuilt from.
type Named = (String, std::rc::Rc<Vec<Value>>);

fn named(data: &Value) -> Result<Vec<Named>, String> {
    let (Value::Dict(items) | Value::Object(items)) = data else {
        return Err("expected a dictionary of tensors".to_owned());
    };
    let mut found = Vec::new();
    for (key, value) in items.borrow().iter() {
        if let (Value::Text(key), Value::Tensor(arguments)) = (key, value) {
            // libtorch's archives cannot have dots in attribute names; tch writes | in their place.
            found.push((key.replace('|', "."), arguments.clone()));
        }
    }
    if found.is_empty() {
        return Err("the file holds no tensors by name".to_owned());
    }
    Ok(found)
}

fn storage(value: Option<&Value>) -> Result<(String, Format), String> {
    let wrong = || "a tensor without a storage".to_owned();
    let Some(Value::Persistent(id)) = value else {
        return Err(wrong());
    };
    let Value::Tuple(id) = id.as_ref() else {
        return Err(wrong());
    };
    let (Some(Value::Global(kind)), Some(Value::Text(key))) = (id.get(1), id.get(2)) else {
        return Err(wrong());
    };
    let format = match kind.rsplit('.').next().unwrap_or_default() {
        "FloatStorage" => Format::F32,
        "HalfStorage" => Format::F16,
        "BFloat16Storage" => Format::Bf16,
        "DoubleStorage" => Format::F64,
        "LongStorage" => Format::Other(8),
        "IntStorage" => Format::Other(4),
        "ShortStorage" => Format::Other(2),
        "BoolStorage" | "ByteStorage" | "CharStorage" => Format::Other(1),
        other => return Err(format!("storage type {other} has no place in a checkpoint")),
    };
    Ok((key.to_string(), format))
}

fn sizes(value: Option<&Value>) -> Result<Vec<usize>, String> {
    let Some(Value::Tuple(items)) = value else {
        return Err("expected a tensor's shape".to_owned());
    };
    items
        .iter()
        .map(|item| match item {
            Value::Int(size) => usize::try_from(*size).map_err(|error| error.to_string()),
            _ => Err("expected a tensor's shape".to_owned()),
        })
        .collect()
}

fn tensors(data: &Value, storages: &Storages, file: usize) -> Result<Vec<(String, Place)>, String> {
    let mut found = Vec::new();
    for (name, arguments) in named(data)? {
        let place = || -> Result<Place, String> {
            let (key, format) = storage(arguments.first())?;
            let (start, end) = *storages
                .get(&key)
                .ok_or_else(|| format!("its storage {key} is missing"))?;
            let (shape, strides) = (sizes(arguments.get(2))?, sizes(arguments.get(3))?);
            let Some(Value::Int(first)) = arguments.get(1) else {
                return Err("expected an offset".to_owned());
            };
            let first = usize::try_from(*first).map_err(|error| error.to_string())?;
            let offset = first
                .checked_mul(format.bytes())
                .and_then(|bytes| start.checked_add(bytes));
            let offset = offset
                .filter(|offset| *offset <= end)
                .ok_or("it lies outside of its storage")?;
            if shape.len() != strides.len() {
                return Err("its shape and strides differ in length".to_owned());
            }
            // The last element must lie within the storage; empty tensors have none.
            let last = shape.iter().zip(&strides).try_fold(0_usize, |last, (size, stride)| {
                size.saturating_sub(1)
                    .checked_mul(*stride)
                    .and_then(|step| last.checked_add(step))
            });
            let needed = last.and_then(|last| last.checked_add(1)?.checked_mul(format.bytes()));
            let elements = shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
            if elements.is_none_or(|elements| elements > 0 && needed.is_none_or(|needed| needed > end - offset)) {
                return Err("it lies outside of its storage".to_owned());
            }
            Ok(Place {
                file,
                format,
                shape,
                strides,
                offset,
                end,
            })
        };
        let place = place().map_err(|message| format!("tensor {name}: {message}"))?;
        found.push((name, place));
    }
    Ok(found)
}
