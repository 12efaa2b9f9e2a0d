using LmmRec.Artifacts;
using Parquet;
using Parquet.Schema;

namespace LmmRec.Tables;

/// <summary>Opens Parquet files of whatever tool.</summary>
public static class ParquetFile
{
    /// <exception cref="InvalidDataException">The file is no Parquet file, or damaged.</exception>
    public static Task<ParquetReader> OpenAsync(string path, CancellationToken cancellation) =>
        GuardedAsync(() => ParquetReader.CreateAsync(path, new ParquetOptions { TreatByteArrayAsString = true, UseDateOnlyTypeForDates = true }, cancellation));

    /// <summary>The names of the columns, in the order of the schema's data fields: of a field within another with dots; the levels that lists add have none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IReadOnlyList<string> NamesOf(ParquetReader reader) => Guarded<IReadOnlyList<string>>(() =>
    {
        var names = reader.Schema.Fields.SelectMany(field => Leaves(field, field.Name)).ToDictionary(leaf => leaf.Field.Path, leaf => leaf.Name);
        return [.. reader.Schema.DataFields.Select(field => names[field.Path])];
    });

    /// <summary>Reads by the library, which meets damage with whatever exception its code runs into.</summary>
    /// <exception cref="InvalidDataException">It could not.</exception>
    public static async Task<T> GuardedAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is not (OperationCanceledException or InvalidInputException or UnauthorizedAccessException))
        {
            throw new InvalidDataException($"cannot be read as Parquet: {e.Message}", e);
        }
    }

    /// <inheritdoc cref="GuardedAsync"/>
    public static T Guarded<T>(Func<T> read) => GuardedAsync(() => Task.FromResult(read())).GetAwaiter().GetResult();

    private static IEnumerable<(DataField Field, string Name)> Leaves(Field field, string name) => field switch
    {
        DataField data => [(data, name)],
        ListField list => Leaves(list.Item, name),
        MapField map => [.. Leaves(map.Key, $"{name}.key"), .. Leaves(map.Value, $"{name}.value")],
        StructField fields => fields.Fields.SelectMany(inner => Leaves(inner, $"{name}.{inner.Name}")),
        _ => [],
    };
}
