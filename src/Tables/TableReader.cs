namespace LmmRec.Tables;

/// <summary>Reads the wanted columns of one file row by row. A cell is asked for by its column's place among the wanted ones.</summary>
public abstract class TableReader(InputFile file) : IDisposable
{
    /// <summary>Longest row, in characters or bytes of text.</summary>
    public const int MaxRow = 1 << 20;

    /// <summary>Where the row stands, such as <c>items.csv, line 12</c>; after a fault of the file, the last one that was read.</summary>
    public string Place => $"{file.Name}, {Number}";

    /// <summary>The row's number, such as <c>line 12</c>.</summary>
    protected abstract string Number { get; }

    /// <summary>Why the row cannot be used; null: it can.</summary>
    public string? Fault { get; protected set; }

    /// <summary>A cell as text; empty where it is missing. The values of a list are joined by a blank. Good until the next row.</summary>
    public abstract ReadOnlySpan<char> this[int column] { get; }

    /// <summary>Adds a cell's values: those of a list, or its text alone.</summary>
    /// <returns>Whether it is a list by the file's form, so that its values are not to be parted further.</returns>
    public abstract bool Values(int column, List<string> into);

    /// <summary>Whether the file has the column. Of JSON lines, which leave out what a row does not have: whether a row that was read has it.</summary>
    public virtual bool HasColumn(int column) => true;

    /// <summary>Calls <paramref name="use"/> for each row until it returns false.</summary>
    /// <exception cref="InvalidDataException">The file is damaged from here on. The rows before have been used.</exception>
    public abstract Task ReadAsync(Func<bool> use, CancellationToken cancellation);

    public abstract void Dispose();
}
