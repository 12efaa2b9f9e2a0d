using LmmRec.Artifacts;
using Microsoft.ML.Data;

namespace LmmRec.MachineLearning;

/// <summary>A column of a table as a column of ML.NET.</summary>
/// <param name="place">its place among the table's columns</param>
/// <param name="name">its name in both</param>
/// <param name="type">its type in ML.NET</param>
internal abstract class TableColumn(int place, string name, DataViewType type)
{
    public int Place => place;

    public string Name => name;

    public DataViewType Type => type;

    /// <summary>The column of a row's parameter of .NET type <paramref name="type"/>; null: it holds vectors, of which there is none.</summary>
    /// <param name="place">its place among the table's columns</param>
    /// <param name="name">its name</param>
    /// <param name="type">the type</param>
    /// <param name="width">how wide the vectors are, if it holds vectors; null: there is none</param>
    public static TableColumn? Of(int place, string name, Type type, Func<int?> width)
    {
        if (type == typeof(float[])) return width() is { } size ? Vectors(place, name, size) : null;
        if (type == typeof(string)) return new TableColumn<ReadOnlyMemory<char>, string?>(place, name, TextDataViewType.Instance, (stored, ref value) => value = stored.AsMemory());
        if (type == typeof(string[])) return new TableColumn<VBuffer<ReadOnlyMemory<char>>, string[]>(place, name, new VectorDataViewType(TextDataViewType.Instance), Texts);
        if (type == typeof(byte[])) return new TableColumn<VBuffer<byte>, byte[]>(place, name, new VectorDataViewType(NumberDataViewType.Byte), Bytes);
        if (type == typeof(int)) return Same<int>(NumberDataViewType.Int32);
        if (type == typeof(long)) return Same<long>(NumberDataViewType.Int64);
        if (type == typeof(float)) return Same<float>(NumberDataViewType.Single);
        if (type == typeof(double)) return Same<double>(NumberDataViewType.Double);
        if (type == typeof(bool)) return Same<bool>(BooleanDataViewType.Instance);
        if (type == typeof(int?)) return new TableColumn<double, int?>(place, name, NumberDataViewType.Double, (stored, ref value) => value = stored ?? double.NaN); // ML.NET's whole numbers cannot be missing
        if (type == typeof(double?)) return new TableColumn<double, double?>(place, name, NumberDataViewType.Double, (stored, ref value) => value = stored ?? double.NaN);
        if (type == typeof(DateTime?)) return new TableColumn<DateTime, DateTime?>(place, name, DateTimeDataViewType.Instance, (stored, ref value) => value = stored ?? default);
        throw new NotSupportedException($"column '{name}': {type} has no counterpart in ML.NET; add one to {nameof(TableColumn)}");

        TableColumn<T, T> Same<T>(DataViewType own) => new(place, name, own, (stored, ref value) => value = stored);
    }

    private static TableColumn<VBuffer<float>, float[]?> Vectors(int place, string name, int width) =>
        new(place, name, new VectorDataViewType(NumberDataViewType.Single, width), (stored, ref value) =>
        {
            if (stored is not null && stored.Length != width)
                throw new InvalidInputException($"column '{name}': one vector has {stored.Length} values, the first {width}; run the stage that writes the table again");
            Fill(ref value, stored, width);
        });

    /// <summary>Gives a vector; one that is absent is NaN in every place.</summary>
    public static void Fill(ref VBuffer<float> value, float[]? vector, int width)
    {
        var editor = VBufferEditor.Create(ref value, width);
        if (vector is null) editor.Values.Fill(float.NaN);
        else vector.CopyTo(editor.Values);
        value = editor.Commit();
    }

    private static void Texts(string[] stored, ref VBuffer<ReadOnlyMemory<char>> value)
    {
        var editor = VBufferEditor.Create(ref value, stored.Length);
        for (var i = 0; i < stored.Length; i++) editor.Values[i] = stored[i].AsMemory();
        value = editor.Commit();
    }

    private static void Bytes(byte[] stored, ref VBuffer<byte> value)
    {
        var editor = VBufferEditor.Create(ref value, stored.Length);
        stored.CopyTo(editor.Values);
        value = editor.Commit();
    }
}

/// <summary>A column whose values ML.NET reads as <typeparamref name="TValue"/>.</summary>
internal abstract class TableColumn<TValue>(int place, string name, DataViewType type) : TableColumn(place, name, type)
{
    /// <summary>Gives the value of a row.</summary>
    /// <param name="values">the column of a row group</param>
    /// <param name="row">the row, 0-based</param>
    /// <param name="value">what was given before, whose memory is used again</param>
    public abstract void Get(Array values, int row, ref TValue value);
}

/// <summary>A column that holds <typeparamref name="TStored"/>.</summary>
internal sealed class TableColumn<TValue, TStored>(int place, string name, DataViewType type, TableColumn<TValue, TStored>.Conversion convert) : TableColumn<TValue>(place, name, type)
{
    public delegate void Conversion(TStored stored, ref TValue value);

    public override void Get(Array values, int row, ref TValue value) => convert(((TStored[])values)[row], ref value);
}
