//! A pickle reader that builds plain data and executes nothing.
//!
//! Of the calls that a pickle may ask for, only those that describe tensors are understood, and they are turned into
//! data; any other call is an error, so that a hostile checkpoint can do no more than be refused.

use std::cell::RefCell;
use std::rc::Rc;

/// What stands in a pickle.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool,
    Int(i64),
    /// A number that no checkpoint needs: a float, or an integer beyond 64 bits.
    Number,
    Text(Rc<str>),
    Tuple(Rc<Vec<Value>>),
    List(Rc<RefCell<Vec<Value>>>),
    Dict(Rc<RefCell<Vec<(Value, Value)>>>),
    /// A Python name, `module.name`; never looked up.
    Global(Rc<str>),
    /// Reference to a storage outside of the pickle.
    Persistent(Rc<Value>),
    /// Arguments of torch's tensor constructor.
    Tensor(Rc<Vec<Value>>),
    /// An object of some class with its attributes.
    Object(Rc<RefCell<Vec<(Value, Value)>>>),
    Mark,
}

const CONSTRUCTORS: [&str; 2] = ["torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"];

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    memo: std::collections::BTreeMap<u32, Value>,
    // Last, so that it is dropped last.
    kept: Kept,
}

/// A pickle that has been read.
pub(super) struct Pickle {
    /// What it holds.
    pub(super) value: Value,
    /// How many bytes it takes.
    pub(super) length: usize,
    _kept: Kept,
}

/// Every container of a pickle in the order of its making.
///
/// Containers may be nested a million deep, and dropping the outermost would then overflow the stack. Held here, none is
/// dropped by another: first those that can be emptied are, which also opens circles; then all are dropped, what was
/// made later and so may hold another first.
#[derive(Default)]
struct Kept(Vec<Value>);

impl Drop for Kept {
    fn drop(&mut self) {
        for value in &self.0 {
            match value {
                Value::List(items) => drop(items.take()),
                Value::Dict(items) | Value::Object(items) => drop(items.take()),
                _ => {}
            }
        }
        while self.0.pop().is_some() {}
    }
}

/// Reads the pickle at the start of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Result<Pickle, String> {
    let mut machine = Machine {
        bytes,
        at: 0,
        stack: Vec::new(),
        memo: std::collections::BTreeMap::new(),
        kept: Kept::default(),
    };
    loop {
        let start = machine.at;
        let opcode = machine.byte()?;
        if opcode == b'.' {
            return Ok(Pickle {
                value: machine.pop()?,
                length: machine.at,
                _kept: machine.kept,
            });
        }
        machine
            .execute(opcode)
            .map_err(|message| format!("pickle, byte {start}: {message}"))?;
    }
}

impl<'a> Machine<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).ok_or("a length overflows")?;
        let slice = self.bytes.get(self.at..end).ok_or("the pickle ends early")?;
        self.at = end;
        Ok(slice)
    }

    fn byte(&mut self) -> Result<u8, String> {
        self.take(1).map(|slice| slice[0])
    }

    fn unsigned(&mut self, count: usize) -> Result<u64, String> {
        Ok(self
            .take(count)?
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn text(&mut self, length: u64) -> Result<Value, String> {
        let length = usize::try_from(length).map_err(|error| error.to_string())?;
        Ok(Value::Text(String::from_utf8_lossy(self.take(length)?).into()))
    }

    fn line(&mut self) -> Result<String, String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or("a name has no end")?;
        let text = String::from_utf8_lossy(&rest[..end]).into_owned();
        self.at += end + 1;
        Ok(text)
    }

    fn integer(&mut self, length: usize) -> Result<Value, String> {
        let bytes = self.take(length)?;
        if length > 8 {
            return Ok(Value::Number);
        }
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let start = if negative { u64::MAX } else { 0 };
        let number = bytes
            .iter()
            .rev()
            .fold(start, |number, byte| number << 8 | u64::from(*byte));
        Ok(Value::Int(number.cast_signed()))
    }

    fn pop(&mut self) -> Result<Value, String> {
        self.stack.pop().ok_or_else(|| "the stack is empty".to_owned())
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, String> {
        let mark = self
            .stack
            .iter()
            .rposition(|value| matches!(value, Value::Mark))
            .ok_or("there is no mark")?;
        let items = self.stack.split_off(mark + 1);
        self.stack.pop();
        Ok(items)
    }

    fn tuple(&mut self, count: usize) -> Result<Value, String> {
        let start = self.stack.len().checked_sub(count).ok_or("the stack is empty")?;
        Ok(Value::Tuple(Rc::new(self.stack.split_off(start))))
    }

    fn remember(&mut self, key: u32) -> Result<(), String> {
        let top = self.stack.last().cloned().ok_or("the stack is empty")?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<Value, String> {
        self.memo
            .get(&key)
            .cloned()
            .ok_or_else(|| format!("nothing is remembered under {key}"))
    }

    fn set_items(&mut self, items: Vec<Value>) -> Result<(), String> {
        let Some(Value::Dict(dict)) = self.stack.last() else {
            return Err("items are set on what is no dictionary".to_owned());
        };
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            dict.borrow_mut().push((key, value));
        }
        Ok(())
    }

    fn append(&mut self, items: Vec<Value>) -> Result<(), String> {
        let Some(Value::List(list)) = self.stack.last() else {
            return Err("items are appended to what is no list".to_owned());
        };
        list.borrow_mut().extend(items);
        Ok(())
    }

    fn call(&mut self) -> Result<Value, String> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let (Value::Global(name), Value::Tuple(arguments)) = (callable, arguments) else {
            return Err("a call of what is no function".to_owned());
        };
        match &*name {
            "collections.OrderedDict" => Ok(Value::Dict(Rc::default())),
            name if CONSTRUCTORS.contains(&name) => Ok(Value::Tensor(arguments)),
            "torch._utils._rebuild_parameter" => arguments
                .first()
                .cloned()
                .ok_or_else(|| "a parameter without a tensor".to_owned()),
            other => Err(format!("it asks to call {other}, which no checkpoint needs")),
        }
    }

    /// Attributes of an object; those of a dictionary (its metadata) are dropped.
    fn build(&mut self) -> Result<(), String> {
        let state = self.pop()?;
        if let (Some(Value::Object(object)), Value::Dict(state)) = (self.stack.last(), state) {
            object.borrow_mut().extend(state.borrow().iter().cloned());
            if object.borrow().len() > self.bytes.len() {
                return Err("an object with more attributes than the file has bytes".to_owned());
            }
        }
        Ok(())
    }

    fn execute(&mut self, opcode: u8) -> Result<(), String> {
        let value = match opcode {
            0x80 => return self.take(1).map(drop),
            0x95 => return self.take(8).map(drop),
            b'0' => return self.pop().map(drop),
            b'q' => {
                let key = self.unsigned(1)? as u32;
                return self.remember(key);
            }
            b'r' => {
                let key = self.unsigned(4)? as u32;
                return self.remember(key);
            }
            0x94 => {
                let key = self.memo.len() as u32;
                return self.remember(key);
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                return self.set_items(vec![key, value]);
            }
            b'u' => {
                let items = self.since_mark()?;
                return self.set_items(items);
            }
            b'a' => {
                let item = self.pop()?;
                return self.append(vec![item]);
            }
            b'e' => {
                let items = self.since_mark()?;
                return self.append(items);
            }
            b'b' => return self.build(),
            b'(' => Value::Mark,
            b'}' => Value::Dict(Rc::default()),
            b']' => Value::List(Rc::default()),
            b')' => Value::Tuple(Rc::default()),
            b'N' => Value::None,
            0x88 => Value::Bool,
            0x89 => Value::Bool,
            b'J' => self.integer(4)?,
            b'K' => Value::Int(self.unsigned(1)?.cast_signed()),
            b'M' => Value::Int(self.unsigned(2)?.cast_signed()),
            0x8a => {
                let length = self.unsigned(1)?;
                self.integer(length as usize)?
            }
            b'G' => self.take(8).map(|_| Value::Number)?,
            b'X' | b'T' => {
                let length = self.unsigned(4)?;
                self.text(length)?
            }
            0x8c | b'U' => {
                let length = self.unsigned(1)?;
                self.text(length)?
            }
            0x8d => {
                let length = self.unsigned(8)?;
                self.text(length)?
            }
            b'c' => Value::Global(format!("{}.{}", self.line()?, self.line()?).into()),
            0x93 => match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => Value::Global(format!("{module}.{name}").into()),
                _ => return Err("a name that is no text".to_owned()),
            },
            b't' => Value::Tuple(Rc::new(self.since_mark()?)),
            0x85..=0x87 => self.tuple(usize::from(opcode - 0x84))?,
            b'h' => {
                let key = self.unsigned(1)? as u32;
                self.recall(key)?
            }
            b'j' => {
                let key = self.unsigned(4)? as u32;
                self.recall(key)?
            }
            b'Q' => Value::Persistent(Rc::new(self.pop()?)),
            0x81 => {
                let (_arguments, _class) = (self.pop()?, self.pop()?);
                Value::Object(Rc::default())
            }
            b'R' => self.call()?,
            other => return Err(format!("opcode {other:#04x} has no place in a checkpoint")),
        };
        // What is recalled is there already.
        let recalled = matches!(opcode, b'h' | b'j');
        let container = matches!(
            value,
            Value::Tuple(_) | Value::List(_) | Value::Dict(_) | Value::Object(_) | Value::Persistent(_)
        );
        if container && !recalled {
            self.kept.0.push(value.clone());
        }
        self.stack.push(value);
        Ok(())
    }
}
