using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Weights;

/// <summary>A function or class that a pickle names. Only those of <see cref="TorchObjects"/> are ever applied.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>What a pickle refers to outside itself, such as the bytes of a tensor.</summary>
/// <remarks>No record: a pickle can put references into references a million deep, and hash code and text of records go all the way down.</remarks>
internal sealed class PickleReference(object? id)
{
    public object? Id => id;
}

/// <summary>An object: nothing but what it was made of, and its state, which for most is a dictionary of attributes.</summary>
internal sealed class PickleObject(params object?[] arguments)
{
    public object?[] Arguments => arguments;

    public object? State { get; set; }
}

/// <summary>
/// Reads Python pickles as data. A pickle is a program for a stack machine that may call anything; here every call goes to
/// <paramref name="apply"/>, which knows a handful of functions that build tensors and refuses all others by name. Nothing is executed.
/// </summary>
/// <param name="stream">the pickle; after <see cref="Read"/> it stands behind it</param>
/// <param name="what">what messages call it</param>
/// <param name="allowed">whether a function or class may be named at all</param>
/// <param name="apply">the value of a function or class, called with arguments</param>
internal sealed class Pickle(Stream stream, string what, Func<PickleGlobal, bool> allowed, Func<PickleGlobal, object?[], object?> apply) : IDisposable
{
    private const int MaxName = 1 << 20; // bytes of a function's name
    private const int AtOnce = 1 << 16; // bytes: a text is never believed to be longer than what comes

    // Each operation of one byte can make an object of a hundred. Files of weights need some ten thousand.
    private const int MostOperations = 1 << 22;

    private static readonly object Mark = new();

    private readonly BinaryReader _reader = new(stream, Encoding.UTF8, leaveOpen: true);
    private readonly Stack<object?> _stack = new();
    private readonly Dictionary<int, object?> _memo = [];
    private int _left = MostOperations;

    /// <summary>Reads one pickle. Dictionaries and attributes of objects become <see cref="Dictionary{TKey, TValue}"/>, lists and sets <see cref="List{T}"/>,
    /// tuples arrays.</summary>
    /// <exception cref="InvalidInputException">The pickle names a function that is not allowed, is broken, or uses what tensors do not need.</exception>
    public object? Read()
    {
        try
        {
            while (true)
            {
                var code = _reader.ReadByte();
                Spend(1);
                if (code == '.') return _stack.Pop();
                Execute(code);
            }
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new InvalidInputException($"{what}: the pickle is broken or truncated ({e.Message})", e);
        }
    }

    public void Dispose() => _reader.Dispose();

    private void Execute(byte code)
    {
        switch (code)
        {
            case 0x80: _reader.ReadByte(); break;                                   // protocol
            case 0x95: _reader.ReadInt64(); break;                                  // frame
            case (byte)'(': _stack.Push(Mark); break;
            case (byte)'0': _stack.Pop(); break;
            case (byte)'N': _stack.Push(null); break;
            case 0x88: _stack.Push(true); break;
            case 0x89: _stack.Push(false); break;
            case (byte)'K': _stack.Push((long)_reader.ReadByte()); break;
            case (byte)'M': _stack.Push((long)_reader.ReadUInt16()); break;
            case (byte)'J': _stack.Push((long)_reader.ReadInt32()); break;
            case 0x8A: PushLong(_reader.ReadByte()); break;
            case 0x8B: PushLong(_reader.ReadInt32()); break;
            case (byte)'G': _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(_reader.ReadBytes(8))); break;
            case (byte)'X': _stack.Push(ReadText(_reader.ReadInt32())); break;
            case 0x8C: _stack.Push(ReadText(_reader.ReadByte())); break;
            case (byte)'U': _stack.Push(ReadText(_reader.ReadByte())); break;
            case (byte)'T': _stack.Push(ReadText(_reader.ReadInt32())); break;
            case 0x8D: _stack.Push(ReadText(_reader.ReadInt64())); break;
            case (byte)'C': _stack.Push(ReadBytes(_reader.ReadByte())); break;
            case (byte)'B': _stack.Push(ReadBytes(_reader.ReadInt32())); break;
            case 0x8E or 0x96: _stack.Push(ReadBytes(_reader.ReadInt64())); break;
            case (byte)')': _stack.Push(Array.Empty<object?>()); break;
            case (byte)'t': _stack.Push(PopToMark()); break;
            case 0x85 or 0x86 or 0x87: _stack.Push(PopMany(code - 0x84)); break;
            case (byte)']': _stack.Push(new List<object?>()); break;
            case 0x8F: _stack.Push(new List<object?>()); break;                      // an empty set
            case (byte)'l' or 0x91: _stack.Push(PopToMark().ToList()); break;       // a list, or a frozen set
            case (byte)'a': Append([_stack.Pop()]); break;
            case (byte)'e' or 0x90: Append(PopToMark()); break;
            case (byte)'}': _stack.Push(new Dictionary<object, object?>()); break;
            case (byte)'d': Push(new Dictionary<object, object?>(), PopToMark()); break;
            case (byte)'s': SetItems(PopMany(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'q': _memo[_reader.ReadByte()] = _stack.Peek(); break;
            case (byte)'r': _memo[_reader.ReadInt32()] = _stack.Peek(); break;
            case 0x94: _memo[_memo.Count] = _stack.Peek(); break;
            case (byte)'h': _stack.Push(_memo[_reader.ReadByte()]); break;
            case (byte)'j': _stack.Push(_memo[_reader.ReadInt32()]); break;
            case (byte)'c': _stack.Push(Global(ReadLine(), ReadLine())); break;
            case 0x93: _stack.Push(Global(PopMany(2))); break;
            case (byte)'Q': _stack.Push(new PickleReference(_stack.Pop())); break;
            case (byte)'R' or 0x81: Apply(PopMany(2)); break;                       // a call, or a new object
            case (byte)'b': Build(_stack.Pop()); break;
            default:
                throw new InvalidInputException(string.Create(CultureInfo.InvariantCulture, $"{what}: the pickle uses operation 0x{code:X2}, which no file of tensors needs; it is not read"));
        }
    }

    private void Spend(int operations)
    {
        _left -= operations;
        if (_left < 0) throw new InvalidInputException($"{what}: the pickle takes more than {MostOperations} operations, which no file of tensors needs; it is not read");
    }

    private PickleGlobal Global(params object?[] names)
    {
        if (names is not [string module, string name]) throw new InvalidDataException("a function has no name");
        var global = new PickleGlobal(module, name);
        return allowed(global)
            ? global
            : throw new InvalidInputException($"{what}: the pickle calls {global}; only tensors in dictionaries are read. Convert the file to safetensors if you trust it");
    }

    private void Apply(object?[] call)
    {
        if (call is not [PickleGlobal function, object?[] arguments]) throw new InvalidDataException("what is called is no function, or its arguments are no tuple");
        foreach (var argument in arguments) Spend(argument is System.Collections.ICollection copied ? copied.Count : 0);
        _stack.Push(apply(function, arguments));
    }

    private void Push(Dictionary<object, object?> dictionary, object?[] items)
    {
        _stack.Push(dictionary);
        SetItems(items);
    }

    private void SetItems(object?[] items)
    {
        var dictionary = Top<Dictionary<object, object?>>();
        if (items.Length % 2 != 0) throw new InvalidDataException("a dictionary's key has no value");
        for (var i = 0; i < items.Length; i += 2) dictionary[items[i]!] = items[i + 1];
    }

    private void Append(object?[] items) => Top<List<object?>>().AddRange(items);

    private T Top<T>() where T : class => _stack.Peek() as T ?? throw new InvalidDataException($"operates on what is no {typeof(T).Name.Split('`')[0]}");

    // Attributes of a dictionary, such as a version number, and the state of other values hold no tensors.
    private void Build(object? state)
    {
        if (_stack.Peek() is PickleObject @object) @object.State = state;
    }

    private object?[] PopMany(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--) items[i] = _stack.Pop();
        return items;
    }

    private object?[] PopToMark()
    {
        var items = new List<object?>();
        while (_stack.Pop() is var item && !ReferenceEquals(item, Mark)) items.Add(item);
        items.Reverse();
        return [.. items];
    }

    private void PushLong(int bytes)
    {
        var number = new System.Numerics.BigInteger(ReadBytes(bytes));
        if (number >= long.MinValue && number <= long.MaxValue) _stack.Push((long)number);
        else _stack.Push(number);
    }

    private string ReadText(long count) => Encoding.UTF8.GetString(ReadBytes(count));

    private byte[] ReadBytes(long count)
    {
        if (count is < 0 or > int.MaxValue) throw new InvalidDataException($"a text or number has {count} bytes");
        var bytes = new MemoryStream();
        while (bytes.Length < count)
        {
            var part = _reader.ReadBytes((int)Math.Min(AtOnce, count - bytes.Length));
            if (part.Length == 0) throw new EndOfStreamException("it ends within a text or number");
            bytes.Write(part);
        }
        return bytes.ToArray();
    }

    private string ReadLine()
    {
        var line = new List<byte>();
        for (var b = _reader.ReadByte(); b != '\n' && line.Count < MaxName; b = _reader.ReadByte()) line.Add(b);
        return Encoding.UTF8.GetString([.. line]);
    }
}
