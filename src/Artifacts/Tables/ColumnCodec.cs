using Parquet;
using Parquet.Schema;

namespace LmmRec.Artifacts.Tables;

/// <summary>How one column of values of one .NET type is written to and read from a Parquet row group.</summary>
internal abstract class ColumnCodec(Field field, string typeName)
{
    public Field Field { get; } = field;

    /// <summary>The type's name in the documentation, such as <c>list&lt;float&gt;</c>.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>The leaf field that holds the data; a list's element has a path of its own, known once the schema is built.</summary>
    public DataField Leaf(ParquetSchema schema) => schema.DataFields.First(f => f.Path.FirstPart == Field.Name);

    public virtual EncodingHint Hint => EncodingHint.Default;

    /// <summary>Whether compression makes the values smaller by enough to pay for its time; the file takes it only where all columns do.</summary>
    public virtual bool Compresses => true;

    public abstract Task WriteAsync(ParquetRowGroupWriter group, ParquetSchema schema, Array values, CancellationToken cancellation);

    /// <returns>An array of the column's .NET type, one element a row.</returns>
    public abstract Task<Array> ReadAsync(ParquetRowGroupReader group, ParquetSchema schema, int rows, CancellationToken cancellation);

    public static ColumnCodec For(string name, Type type, bool nullable)
    {
        if (type == typeof(string)) return new StringCodec(name, nullable);
        if (type == typeof(byte[])) return new BytesCodec(name);
        if (type == typeof(float[])) return new VectorCodec(name);
        if (type == typeof(string[])) return new StringsCodec(name);
        if (type == typeof(int)) return new ValueCodec<int>(new DataField<int>(name), "int32");
        if (type == typeof(long)) return new ValueCodec<long>(new DataField<long>(name), "int64");
        if (type == typeof(float)) return new ValueCodec<float>(new DataField<float>(name), "float");
        if (type == typeof(double)) return new ValueCodec<double>(new DataField<double>(name), "double");
        if (type == typeof(bool)) return new ValueCodec<bool>(new DataField<bool>(name), "boolean");
        if (type == typeof(double?)) return new OptionalCodec<double>(new DataField<double?>(name), "double, optional");
        if (type == typeof(int?)) return new OptionalCodec<int>(new DataField<int?>(name), "int32, optional");
        if (type == typeof(DateTime?))
        {
            var field = new DateTimeDataField(name, DateTimeFormat.Timestamp, true, DateTimeTimeUnit.Micros, true);
            return new OptionalCodec<DateTime>(field, "timestamp (UTC, µs), optional");
        }
        throw new NotSupportedException($"column '{name}': no codec for {type}; add one to {nameof(ColumnCodec)}");
    }
}

internal sealed class ValueCodec<T>(DataField field, string typeName) : ColumnCodec(field, typeName) where T : struct
{
    public override Task WriteAsync(ParquetRowGroupWriter group, ParquetSchema schema, Array values, CancellationToken cancellation) =>
        group.WriteAsync<T>(Leaf(schema), (T[])values, cancellationToken: cancellation);

    public override async Task<Array> ReadAsync(ParquetRowGroupReader group, ParquetSchema schema, int rows, CancellationToken cancellation)
    {
        var values = new T[rows];
        await group.ReadAsync<T>(Leaf(schema), values, null, cancellation);
        return values;
    }
}

internal sealed class OptionalCodec<T>(DataField field, string typeName) : ColumnCodec(field, typeName) where T : struct
{
    public override Task WriteAsync(ParquetRowGroupWriter group, ParquetSchema schema, Array values, CancellationToken cancellation) =>
        group.WriteAsync<T>(Leaf(schema), (T?[])values, cancellationToken: cancellation);

    public override async Task<Array> ReadAsync(ParquetRowGroupReader group, ParquetSchema schema, int rows, CancellationToken cancellation)
    {
        var values = new T?[rows];
        await group.ReadAsync<T>(Leaf(schema), values, null, cancellation);
        return values;
    }
}

internal sealed class StringCodec(string name, bool nullable)
    : ColumnCodec(new DataField<string>(name, nullable), nullable ? "string, optional" : "string")
{
    public override EncodingHint Hint => EncodingHint.Dictionary;

    public override Task WriteAsync(ParquetRowGroupWriter group, ParquetSchema schema, Array values, CancellationToken cancellation) =>
        group.WriteAsync(Leaf(schema), (string[])values);

    public override async Task<Array> ReadAsync(ParquetRowGroupReader group, ParquetSchema schema, int rows, CancellationToken cancellation)
    {
        var values = new string[rows];
        await group.ReadAsync(Leaf(schema), values, null, cancellation);
        return values;
    }
}

internal sealed class BytesCodec(string name) : ColumnCodec(new DataField<byte[]>(name, false), "binary")
{
    public override bool Compresses => false; // pictures are compressed already

    public override Task WriteAsync(ParquetRowGroupWriter group, ParquetSchema schema, Array values, CancellationToken cancellation) =>
        group.WriteAsync(Leaf(schema), (byte[][])values);

    public override async Task<Array> ReadAsync(ParquetRowGroupReader group, ParquetSchema schema, int rows, CancellationToken cancellation)
    {
        var values = new byte[rows][];
        await group.ReadAsync(Leaf(schema), values, null, cancellation);
        return values;
    }
}
