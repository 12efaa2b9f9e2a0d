namespace LmmRec.Ingest.Interactions;

/// <summary>A list that grows by pages: it never holds its values twice, as a list that doubles does while it grows.</summary>
internal sealed class Column<T>
{
    private const int Bits = 16; // values a page: 65 536

    private T[][] _pages = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _pages[index >> Bits][index & ((1 << Bits) - 1)];

    public void Add(T value)
    {
        var page = Count >> Bits;
        if (page == _pages.Length) Array.Resize(ref _pages, Math.Max(4, 2 * page));
        _pages[page] ??= new T[1 << Bits];
        this[Count++] = value;
    }

    /// <summary>Leaves the first <paramref name="count"/> values.</summary>
    public void Cut(int count)
    {
        Array.Resize(ref _pages, (count + (1 << Bits) - 1) >> Bits);
        Count = count;
    }
}
