using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using Parquet.Schema;

namespace LmmRec.Artifacts.Tables;

/// <summary>A column as the documentation lists it.</summary>
public sealed record ColumnDescription(string Name, string Type, string Description);

/// <summary>The schema of a table, derived once from its row record: codecs, a getter per column, and the constructor.</summary>
internal sealed class RowSchema<TRow>
{
    public static readonly RowSchema<TRow> Instance = new();

    private readonly Func<IReadOnlyList<TRow>, Array>[] _getters;
    private readonly Func<TRow, byte[]?>[] _files;
    private readonly Func<Array[], int, TRow> _constructor;

    private RowSchema()
    {
        Table = typeof(TRow).GetCustomAttribute<TableAttribute>()
            ?? throw new NotSupportedException($"{typeof(TRow).Name} has no [Table] attribute");
        var constructor = typeof(TRow).GetConstructors().Single();
        var parameters = constructor.GetParameters();
        var nullability = new NullabilityInfoContext();
        Codecs = [.. parameters.Select(p => ColumnCodec.For(
            JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name!), p.ParameterType, nullability.Create(p).WriteState == NullabilityState.Nullable))];
        Parquet = new ParquetSchema(Codecs.Select(c => c.Field));
        Columns = [.. Codecs.Zip(parameters, (codec, p) => new ColumnDescription(codec.Field.Name, codec.TypeName,
            p.GetCustomAttribute<ColumnAttribute>()?.Description
            ?? throw new NotSupportedException($"column {typeof(TRow).Name}.{p.Name} has no [Column] description")))];
        _getters = [.. parameters.Select(Getter)];
        _files = [.. parameters.Where(p => p.ParameterType == typeof(byte[]))
            .Select(p => typeof(TRow).GetProperty(p.Name!)!.GetMethod!.CreateDelegate<Func<TRow, byte[]?>>())];
        _constructor = Constructor(constructor, parameters);
    }

    public TableAttribute Table { get; }

    public ColumnCodec[] Codecs { get; }

    public ParquetSchema Parquet { get; }

    public ColumnDescription[] Columns { get; }

    /// <summary>The places of all columns, in order.</summary>
    public IReadOnlyList<int> AllColumns => [.. Enumerable.Range(0, Codecs.Length)];

    public Array Values(int column, IReadOnlyList<TRow> rows) => _getters[column](rows);

    /// <summary>Bytes of whole files (<c>byte[]</c> columns) in a row: all that can make a single row large.</summary>
    public long FileBytes(TRow row)
    {
        var bytes = 0L;
        foreach (var file in _files) bytes += file(row)?.Length ?? 0;
        return bytes;
    }

    public TRow Row(Array[] columns, int row) => _constructor(columns, row);

    private static Func<IReadOnlyList<TRow>, Array> Getter(ParameterInfo parameter) =>
        typeof(RowSchema<TRow>).GetMethod(nameof(TypedGetter), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(parameter.ParameterType).Invoke(null, [parameter.Name!]) as Func<IReadOnlyList<TRow>, Array>
        ?? throw new InvalidOperationException(parameter.Name);

    private static Func<IReadOnlyList<TRow>, Array> TypedGetter<TValue>(string property)
    {
        var get = typeof(TRow).GetProperty(property)!.GetMethod!.CreateDelegate<Func<TRow, TValue>>();
        return rows =>
        {
            var values = new TValue[rows.Count];
            for (var i = 0; i < values.Length; i++) values[i] = get(rows[i]);
            return values;
        };
    }

    // Compiled, since a table of millions of rows would otherwise box every value twice.
    private static Func<Array[], int, TRow> Constructor(ConstructorInfo constructor, ParameterInfo[] parameters)
    {
        var columns = Expression.Parameter(typeof(Array[]));
        var row = Expression.Parameter(typeof(int));
        var arguments = parameters.Select((p, i) => Expression.ArrayIndex(
            Expression.Convert(Expression.ArrayIndex(columns, Expression.Constant(i)), p.ParameterType.MakeArrayType()), row));
        return Expression.Lambda<Func<Array[], int, TRow>>(Expression.New(constructor, arguments), columns, row).Compile();
    }
}
