using System.Collections;

namespace LmmRec.Ingest.Interactions;

/// <summary>
/// Gives keys indices in the order of their first appearance. A shop has millions of users, so keys are no strings but lie one after the other in pages:
/// that takes half the memory, and to find one costs two looks into it, at its slot and at its record.
/// </summary>
internal sealed class KeyIndex : IReadOnlyList<string>
{
    private const int PageBits = 16; // characters a page: 65 536; a longer record has a page of its own
    private const int Header = 4; // characters of a record before its key: index and length, two each

    private readonly List<char[]> _pages = [];
    private readonly Column<uint> _places = new(); // by index: number of the page, and where in it the record begins
    private ulong[] _slots = new ulong[1 << 4]; // open addressing, at most half full: hash and 1 + place of a record; 0: free
    private int _end; // of the records in the last page

    public int Count => _places.Count;

    public string this[int index] => Key(Record(_places[index])).ToString();

    public int Of(ReadOnlySpan<char> key) => Of(key, Hash(key));

    /// <summary>
    /// Numbers keys in their order. The slots of all are read before the first record is, and all records before the first comparison: the processor
    /// then waits for some ten looks into memory as long as for one.
    /// </summary>
    public void Of(KeyBatch keys, Span<int> numbers)
    {
        Span<uint> hashes = stackalloc uint[KeyBatch.Size];
        Span<ulong> slots = stackalloc ulong[KeyBatch.Size];
        for (var k = 0; k < keys.Count; k++) hashes[k] = Hash(keys[k]);
        for (var k = 0; k < keys.Count; k++) slots[k] = _slots[Slot(hashes[k])];
        for (var k = 0; k < keys.Count; k++) numbers[k] = slots[k] >> 32 == hashes[k] && slots[k] != 0 ? Number(Record((uint)slots[k] - 1)) : -1; // a guess: another key's, perhaps
        for (var k = 0; k < keys.Count; k++) numbers[k] = Of(keys[k], hashes[k]);
    }

    private int Of(ReadOnlySpan<char> key, uint hash)
    {
        var slot = Slot(hash);
        for (; _slots[slot] != 0; slot = Next(slot))
        {
            if (_slots[slot] >> 32 != hash) continue;
            var record = Record((uint)_slots[slot] - 1);
            if (Key(record).SequenceEqual(key)) return Number(record);
        }
        var place = Store(key);
        _places.Add(place);
        _slots[slot] = ((ulong)hash << 32) | (place + 1);
        if (2 * Count > _slots.Length) Grow();
        return Count - 1;
    }

    /// <summary>Frees what only <see cref="Of(ReadOnlySpan{char})"/> needs; no key can be numbered any more.</summary>
    public void Seal() => _slots = [];

    public IEnumerator<string> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Seeded anew in each process, so that no list of ids can be made to collide.
    private static uint Hash(ReadOnlySpan<char> key) => (uint)string.GetHashCode(key);

    private int Slot(uint hash) => (int)(hash & (uint)(_slots.Length - 1));

    private int Next(int slot) => (slot + 1) & (_slots.Length - 1);

    private Span<char> Record(uint place) => _pages[(int)(place >> PageBits)].AsSpan((int)(place & ((1 << PageBits) - 1)));

    private static ReadOnlySpan<char> Key(ReadOnlySpan<char> record) => record.Slice(Header, Number(record[2..]));

    private static int Number(ReadOnlySpan<char> at) => at[0] | (at[1] << 16);

    private static void Write(Span<char> at, int number) => (at[0], at[1]) = ((char)number, (char)(number >> 16));

    private uint Store(ReadOnlySpan<char> key)
    {
        var length = Header + key.Length;
        if (_pages.Count == 0 || _end + length > _pages[^1].Length)
        {
            _pages.Add(new char[Math.Max(1 << PageBits, length)]);
            _end = 0;
        }
        var place = ((uint)(_pages.Count - 1) << PageBits) | (uint)_end;
        var record = Record(place);
        Write(record, Count);
        Write(record[2..], key.Length);
        key.CopyTo(record[Header..]);
        _end += length;
        return place;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new ulong[2 * old.Length];
        foreach (var entry in old)
        {
            if (entry == 0) continue;
            var slot = Slot((uint)(entry >> 32));
            while (_slots[slot] != 0) slot = Next(slot);
            _slots[slot] = entry;
        }
    }
}
