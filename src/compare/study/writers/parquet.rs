//! `scores.parquet` and `items.parquet`: the rows of the CSV files with their types, for pandas, polars and R.
//!
//! Nothing in them depends on the time or the machine, and they are not compressed: they are small, and no reader needs
//! a codec for them.

use std::sync::Arc;

use ::parquet::basic::{LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;

use super::rows::{Column, Frame, Rows};
use super::{Contents, Writer};
use crate::compare::error::CompareError;

/// See the module.
pub struct Parquet(pub Rows);

impl Writer for Parquet {
    fn file_name(&self) -> &'static str {
        match self.0 {
            Rows::Scores => "scores.parquet",
            Rows::Items => "items.parquet",
        }
    }

    fn write(&self, contents: &Contents) -> Result<Vec<u8>, CompareError> {
        bytes(&self.0.of(contents.study)).map_err(|source| CompareError::Parquet {
            file: self.file_name(),
            source,
        })
    }
}

fn schema(frame: &Frame) -> Result<Type, ParquetError> {
    let fields = frame.iter().map(|(name, column)| {
        let field = match column {
            Column::Text(_) => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String))
                .with_repetition(Repetition::REQUIRED),
            Column::Number(_) => {
                Type::primitive_type_builder(name, Physical::DOUBLE).with_repetition(Repetition::OPTIONAL)
            }
        };
        field.build().map(Arc::new)
    });
    let fields = fields.collect::<Result<_, _>>()?;
    Type::group_type_builder("schema").with_fields(fields).build()
}

/// The file, with all rows in one group.
fn bytes(frame: &Frame) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_created_by(format!("khulosa version {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema(frame)?), Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for (_, column) in frame {
        let Some(mut writer) = group.next_column()? else { break };
        match column {
            Column::Text(texts) => {
                let texts: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(*text)).collect();
                writer.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
            }
            Column::Number(numbers) => {
                let known: Vec<f64> = numbers.iter().flatten().copied().collect();
                // Parquet marks what is there with level 1 and leaves out what is not.
                let levels: Vec<i16> = numbers.iter().map(|number| i16::from(number.is_some())).collect();
                writer.typed::<DoubleType>().write_batch(&known, Some(&levels), None)?;
            }
        }
        writer.close()?;
    }
    group.close()?;
    file.into_inner()
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;

    use super::*;

    /// The file's maker, and the names and cells of its rows.
    fn read(content: &[u8]) -> (String, Vec<Vec<(String, Field)>>) {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&path, content).unwrap();
        let reader = SerializedFileReader::new(path.reopen().unwrap()).unwrap();
        let made_by = reader.metadata().file_metadata().created_by().unwrap().to_owned();
        let rows = reader.get_row_iter(None).unwrap();
        (made_by, rows.map(|row| row.unwrap().into_columns()).collect())
    }

    #[test]
    fn what_is_missing_comes_back_as_null_and_text_as_text() {
        let frame = vec![
            ("name", Column::Text(vec!["хулоса", "a, \"b\"\n", ""])),
            ("value", Column::Number(vec![Some(0.1), None, Some(-2.0)])),
        ];
        let content = bytes(&frame).unwrap();
        let (made_by, rows) = read(&content);
        assert_eq!(made_by, format!("khulosa version {}", env!("CARGO_PKG_VERSION")));
        let row = |name: &str, value| {
            vec![
                ("name".to_owned(), Field::Str(name.to_owned())),
                ("value".to_owned(), value),
            ]
        };
        assert_eq!(
            rows,
            [
                row("хулоса", Field::Double(0.1)),
                row("a, \"b\"\n", Field::Null),
                row("", Field::Double(-2.0)),
            ]
        );
        assert_eq!(bytes(&frame).unwrap(), content);
    }

    #[test]
    fn a_table_without_rows_is_a_file_all_the_same() {
        let frame = vec![("name", Column::Text(vec![])), ("value", Column::Number(vec![]))];
        assert!(read(&bytes(&frame).unwrap()).1.is_empty());
    }
}
