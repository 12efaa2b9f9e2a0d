using System.Globalization;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;

namespace LmmRec.Tables;

/// <summary>
/// A column of one row group: the values that are there, in order, and for each entry its levels. Definition below the highest: nothing is there.
/// Repetition 0 begins a row, the highest goes on in its list; what lies between begins another list within it, of which the first counts.
/// </summary>
/// <param name="field">says which levels there are</param>
/// <param name="entries">values and levels without one</param>
/// <param name="definitions">null: all values are there</param>
/// <param name="repetitions">null: each entry is a row</param>
public abstract class ParquetColumn(DataField field, int entries, int[]? definitions, int[]? repetitions)
{
    // A kilobyte may claim values without end. Those of a table that are all alike take little of a file, but then there are not many.
    private const long MaxSmall = 1L << 26;
    private const int MaxRatio = 200;

    private readonly List<int> _row = [];
    private int _entry, _value;

    /// <summary>Reads the column.</summary>
    /// <param name="group">where it lies</param>
    /// <param name="field">which it is</param>
    /// <param name="fileLength">bytes of the file: bounds what is taken to memory</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidDataException">It claims to be larger than can be, or holds what cannot be shown as text.</exception>
    public static async Task<ParquetColumn> ReadAsync(ParquetRowGroupReader group, DataField field, long fileLength, CancellationToken cancellation)
    {
        var chunk = group.GetMetadata(field)?.MetaData ?? throw new InvalidDataException($"column '{field.Path}' has no data");
        var most = MaxSmall + MaxRatio * fileLength;
        var type = field.ClrType;
        return type == typeof(ReadOnlyMemory<char>) ? await ReadAsync<ReadOnlyMemory<char>>((v, room, out n) => TryCopy(v.Span, room, out n))
            : type == typeof(bool) ? await ReadAsync<bool>((v, room, out n) => TryCopy(v ? "true" : "false", room, out n))
            : type == typeof(DateTime) ? await ReadAsync<DateTime>((v, room, out n) => v.TryFormat(room, out n, "yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture))
            : type == typeof(DateOnly) ? await ReadAsync<DateOnly>((v, room, out n) => v.TryFormat(room, out n, "yyyy-MM-dd", CultureInfo.InvariantCulture))
            : type == typeof(int) ? await ReadNumbersAsync<int>()
            : type == typeof(long) ? await ReadNumbersAsync<long>()
            : type == typeof(float) ? await ReadNumbersAsync<float>()
            : type == typeof(double) ? await ReadNumbersAsync<double>()
            : type == typeof(decimal) ? await ReadNumbersAsync<decimal>()
            : type == typeof(byte) ? await ReadNumbersAsync<byte>()
            : type == typeof(sbyte) ? await ReadNumbersAsync<sbyte>()
            : type == typeof(short) ? await ReadNumbersAsync<short>()
            : type == typeof(ushort) ? await ReadNumbersAsync<ushort>()
            : type == typeof(uint) ? await ReadNumbersAsync<uint>()
            : type == typeof(ulong) ? await ReadNumbersAsync<ulong>()
            : type == typeof(Guid) ? await ReadNumbersAsync<Guid>()
            : throw new InvalidDataException($"column '{field.Path}' holds values of the type {type.Name}, which have no text here");

        Task<ParquetColumn> ReadNumbersAsync<T>() where T : struct, ISpanFormattable =>
            ReadAsync<T>((v, room, out n) => v.TryFormat(room, out n, default, CultureInfo.InvariantCulture));

        async Task<ParquetColumn> ReadAsync<T>(Formatter<T> format) where T : struct
        {
            var entrySize = Unsafe.SizeOf<T>() + (field.MaxDefinitionLevel > 0 ? sizeof(int) : 0) + (field.MaxRepetitionLevel > 0 ? sizeof(int) : 0);
            if (chunk.NumValues < 0 || chunk.NumValues > Math.Min(most / entrySize, Array.MaxLength) || chunk.TotalUncompressedSize > most)
                throw new InvalidDataException(
                    $"column '{field.Path}' claims {chunk.NumValues} values of {chunk.TotalUncompressedSize} bytes in a row group; of a file of {fileLength} bytes {most} bytes are read at most");
            var entries = (int)chunk.NumValues;
            var values = new T[entries];
            var definitions = field.MaxDefinitionLevel > 0 ? new int[entries] : null;
            var repetitions = field.MaxRepetitionLevel > 0 ? new int[entries] : null;
            await group.ReadRawAsync<T>(field, values, Memory(definitions), Memory(repetitions), cancellation);
            return new Of<T>(field, values, format, definitions, repetitions);
        }
    }

    /// <summary>Entries of the row that <see cref="NextRow"/> went to: its values and the nulls among them; 1 where it has none.</summary>
    public int RowEntries { get; private set; }

    /// <summary>Goes on to the next row.</summary>
    /// <returns>Its values, as <see cref="TryFormat"/> takes them.</returns>
    public IReadOnlyList<int> NextRow()
    {
        _row.Clear();
        var (start, first) = (_entry, true);
        do
        {
            if (_entry == entries) throw new InvalidDataException("a column has fewer values than the file has rows");
            if (repetitions is not null && repetitions[_entry] > 0 && repetitions[_entry] < field.MaxRepetitionLevel) first = false;
            if (definitions is null || definitions[_entry] == field.MaxDefinitionLevel)
            {
                if (first) _row.Add(_value);
                _value++;
            }
            _entry++;
        }
        while (repetitions is not null && _entry < entries && repetitions[_entry] > 0);
        RowEntries = _entry - start;
        return _row;
    }

    /// <summary>Writes a value as text.</summary>
    /// <returns>False where <paramref name="room"/> is too small.</returns>
    public abstract bool TryFormat(int value, Span<char> room, out int length);

    /// <summary>A value of a column of float32.</summary>
    public abstract float SingleOf(int value);

    // Null itself converts to memory that is there and empty.
    private static Memory<int>? Memory(int[]? levels) => levels is null ? default(Memory<int>?) : levels;

    private static bool TryCopy(ReadOnlySpan<char> text, Span<char> room, out int length)
    {
        length = text.Length;
        return text.TryCopyTo(room);
    }

    private delegate bool Formatter<in T>(T value, Span<char> room, out int length);

    private sealed class Of<T>(DataField field, T[] values, Formatter<T> format, int[]? definitions, int[]? repetitions)
        : ParquetColumn(field, values.Length, definitions, repetitions)
    {
        public override bool TryFormat(int value, Span<char> room, out int length) => format(values[value], room, out length);

        public override float SingleOf(int value) => (values as float[] ?? throw new InvalidOperationException($"the column is of {typeof(T)}"))[value];
    }
}
