using System.Numerics;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>Words as a tree of their chars, with a number at the end of each: how long ones are found at a place in one walk.</summary>
internal sealed class Trie
{
    /// <summary>The node before the first char.</summary>
    public const int Root = 0;

    /// <summary>No node, no number.</summary>
    public const int None = -1;

    // Open addressing: a node and a char lead to the next node. A key of 0 is an empty place, so nodes count from 1 in it.
    private ulong[] _keys = new ulong[1024];
    private int[] _nexts = new int[1024];
    private int[] _values = [None];
    private int _nodes = 1;

    /// <summary>Adds <paramref name="word"/> unless it is there already.</summary>
    public void Add(ReadOnlySpan<char> word, int value)
    {
        var node = Root;
        foreach (var c in word)
        {
            var next = Next(node, c);
            node = next == None ? Append(node, c) : next;
        }
        if (_values[node] == None) _values[node] = value;
    }

    /// <summary>The node behind <paramref name="c"/>, or <see cref="None"/>.</summary>
    public int Next(int node, char c)
    {
        var key = Key(node, c);
        for (var slot = Slot(key); ; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key) return _nexts[slot];
            if (_keys[slot] == 0) return None;
        }
    }

    /// <summary>The number of the word that ends at the node, or <see cref="None"/>.</summary>
    public int Value(int node) => _values[node];

    /// <summary>The node behind all of <paramref name="text"/>, or <see cref="None"/>.</summary>
    public int Walk(int node, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if ((node = Next(node, c)) == None) break;
        return node;
    }

    /// <summary>The number of the longest word from <paramref name="node"/> on that <paramref name="text"/> begins with, or <see cref="None"/>.</summary>
    public int Longest(int node, ReadOnlySpan<char> text, out int length)
    {
        (var value, length) = (None, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if ((node = Next(node, text[i])) == None) break;
            if (_values[node] != None) (value, length) = (_values[node], i + 1);
        }
        return value;
    }

    private int Append(int node, char c)
    {
        if (_nodes == _values.Length) Array.Resize(ref _values, 2 * _nodes);
        if (2 * _nodes > _keys.Length) Grow();
        _values[_nodes] = None;
        Put(Key(node, c), _nodes);
        return _nodes++;
    }

    private void Grow()
    {
        var (keys, nexts) = (_keys, _nexts);
        (_keys, _nexts) = (new ulong[2 * keys.Length], new int[2 * keys.Length]);
        for (var i = 0; i < keys.Length; i++)
            if (keys[i] != 0) Put(keys[i], nexts[i]);
    }

    private void Put(ulong key, int next)
    {
        var slot = Slot(key);
        while (_keys[slot] != 0) slot = (slot + 1) & (_keys.Length - 1);
        (_keys[slot], _nexts[slot]) = (key, next);
    }

    private static ulong Key(int node, char c) => (ulong)(node + 1) << 16 | c;

    private int Slot(ulong key) => (int)(key * 0x9E3779B97F4A7C15 >> (64 - BitOperations.Log2((uint)_keys.Length)));
}
