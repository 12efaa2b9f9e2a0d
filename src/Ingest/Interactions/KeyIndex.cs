using System.Collections;

namespace LmmRec.Ingest.Interactions;

/// <summary>
/// Gives keys indices in the order of their first appearance. Keys lie one after the other in pages of characters, about half as large as a string
/// each: shops have millions of users. A key becomes a string when it is asked for.
/// </summary>
internal sealed class KeyIndex : IReadOnlyList<string>
{
    private const int PageLength = 1 << 16; // characters; a longer key has a page of its own

    private readonly List<char[]> _pages = [];
    private readonly Column<Key> _keys = new();
    private int[] _slots = new int[1 << 4]; // open addressing, at most half full: 1 + index of a key; 0: free
    private int _used; // characters of the last page

    public int Count => _keys.Count;

    public string this[int index] => Text(_keys[index]).ToString();

    public int Of(ReadOnlySpan<char> key)
    {
        var hash = string.GetHashCode(key); // seeded anew in each process, so that no list of ids can be made to collide
        var slot = hash & (_slots.Length - 1);
        for (; _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            ref var other = ref _keys[_slots[slot] - 1];
            if (other.Hash == hash && Text(other).SequenceEqual(key)) return _slots[slot] - 1;
        }
        _keys.Add(Store(key, hash));
        _slots[slot] = Count;
        if (2 * Count > _slots.Length) Grow();
        return Count - 1;
    }

    public IEnumerator<string> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ReadOnlySpan<char> Text(in Key key) => _pages[key.Page].AsSpan(key.Start, key.Length);

    private Key Store(ReadOnlySpan<char> key, int hash)
    {
        if (_pages.Count == 0 || _used + key.Length > _pages[^1].Length)
        {
            _pages.Add(new char[Math.Max(PageLength, key.Length)]);
            _used = 0;
        }
        key.CopyTo(_pages[^1].AsSpan(_used));
        _used += key.Length;
        return new Key(hash, _pages.Count - 1, _used - key.Length, key.Length);
    }

    private void Grow()
    {
        _slots = new int[2 * _slots.Length];
        for (var i = 0; i < Count; i++)
        {
            var slot = _keys[i].Hash & (_slots.Length - 1);
            while (_slots[slot] != 0) slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = i + 1;
        }
    }

    private readonly record struct Key(int Hash, int Page, int Start, int Length);
}
