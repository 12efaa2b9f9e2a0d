using System.Text.RegularExpressions;

namespace LmmRec.Encoders.Weights;

/// <summary>A tensor as a pickle describes it: a view into a storage whose bytes lie elsewhere.</summary>
/// <param name="Storage">the storage</param>
/// <param name="Offset">first element</param>
/// <param name="Shape">sizes of the dimensions</param>
/// <param name="Strides">elements from one index of a dimension to the next</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>A one-dimensional run of numbers.</summary>
/// <param name="Type">name of PyTorch's class, such as <c>HalfStorage</c></param>
/// <param name="Key">its name in the file</param>
/// <param name="Length">elements</param>
/// <param name="Bytes">its bytes where the pickle itself has them, as bytes or as the characters of their numbers; null: they lie elsewhere</param>
internal sealed record TorchStorage(string Type, string Key, long Length, object? Bytes = null);

/// <summary>The functions and classes that files of tensors need, and what becomes of each: a tensor, a container, or a value that nobody looks at.</summary>
internal static partial class TorchObjects
{
    private const string ScriptClasses = "__torch__";
    private const int MostDimensions = 16; // PyTorch's own limit is 64; weights have four

    private static readonly string[] FloatStorages = ["FloatStorage", "HalfStorage", "BFloat16Storage", "DoubleStorage"];
    private static readonly string[] OtherStorages = ["LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage", "ComplexFloatStorage", "ComplexDoubleStorage"];

    // Values that training code saves beside the tensors. What stands for them here is the name of their class: none is made, and nothing is called.
    private static readonly HashSet<string> Values = new(StringComparer.Ordinal)
    {
        "torch.device", "torch.serialization._get_layout",
        "numpy.ndarray", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy._core.numeric._frombuffer", "numpy.core.numeric._frombuffer",
        "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone",
    };

    // Python's own types, named as what a dictionary is filled with or what a value is of; Python 2 called their module otherwise.
    private static readonly string[] Builtins = ["list", "dict", "tuple", "set", "frozenset", "int", "float", "bool", "complex", "str", "bytes", "bytearray", "object"];

    private static readonly Dictionary<string, Func<object?[], object?>> Functions = new(StringComparer.Ordinal)
    {
        ["torch._utils._rebuild_tensor"] = Tensor,
        ["torch._utils._rebuild_tensor_v2"] = Tensor,
        ["torch._utils._rebuild_parameter"] = First,
        ["torch._utils._rebuild_parameter_with_state"] = First,
        ["collections.OrderedDict"] = Dictionary,
        ["collections.defaultdict"] = _ => new Dictionary<object, object?>(), // its entries are set one by one
        ["collections.Counter"] = arguments => arguments is [Dictionary<object, object?> counts] ? counts : new Dictionary<object, object?>(),
        ["argparse.Namespace"] = _ => new PickleObject(),
        ["numpy.core.multiarray._reconstruct"] = _ => new PickleObject(),
        ["numpy._core.multiarray._reconstruct"] = _ => new PickleObject(),
        ["numpy.dtype"] = arguments => new PickleObject(arguments),
        ["_codecs.encode"] = First, // bytes, written as the characters of their numbers
        ["torch.Size"] = First,
        ["torch.jit._pickle.restore_type_tag"] = First,
        ["torch.jit._pickle.build_intlist"] = First,
        ["torch.jit._pickle.build_doublelist"] = First,
        ["torch.jit._pickle.build_boollist"] = First,
        ["torch.jit._pickle.build_tensorlist"] = First,
    };

    /// <summary>Whether a pickle may name <paramref name="global"/>.</summary>
    public static bool Allows(PickleGlobal global) =>
        Functions.ContainsKey(global.ToString()) || IsScriptClass(global) || IsValue(global) || (global.Module == "torch" && (IsFloat(global.Name) || OtherStorages.Contains(global.Name) || DataType().IsMatch(global.Name)));

    /// <summary>Calls <paramref name="global"/>.</summary>
    /// <exception cref="InvalidDataException">It is no function, or its arguments describe no tensor that can be.</exception>
    public static object? Apply(PickleGlobal global, object?[] arguments) =>
        IsScriptClass(global) ? new PickleObject()
        : IsValue(global) ? global
        : Functions.TryGetValue(global.ToString(), out var function) ? function(arguments)
        : throw new InvalidDataException($"{global} is called, which is no function");

    /// <summary>Whether a storage holds floating-point numbers.</summary>
    public static bool IsFloat(string storage) => FloatStorages.Contains(storage);

    /// <summary>An array of NumPy as a tensor, whose numbers are in the pickle itself.</summary>
    /// <returns>Null for other objects, and for arrays of other than floating-point numbers, least byte first.</returns>
    /// <exception cref="InvalidDataException">It has a shape that no array has.</exception>
    public static TorchTensor? ArrayOf(PickleObject value)
    {
        // (version, shape, type, whether the first index is the fastest, bytes)
        if (value.State is not object?[] state
            || state is not [_, object?[] shape, PickleObject { Arguments: [string name, ..], State: object?[] and [_, "<", ..] }, bool fortran, (string or byte[]) and { } bytes])
            return null;
        var type = name switch { "f2" => "HalfStorage", "f4" => "FloatStorage", "f8" => "DoubleStorage", _ => null };
        if (type is null || shape.Length > MostDimensions) return null;
        var (sizes, strides, length) = (Numbers(shape), new long[shape.Length], 1L);
        for (var i = 0; i < sizes.Length; i++)
        {
            var d = fortran ? i : sizes.Length - 1 - i;
            (strides[d], length) = (length, checked(length * sizes[d]));
        }
        return new TorchTensor(new TorchStorage(type, "", length, bytes), 0, sizes, strides);
    }

    private static bool IsValue(PickleGlobal global) => Values.Contains(global.ToString()) || (global.Module is "builtins" or "__builtin__" && Builtins.Contains(global.Name));

    private static bool IsScriptClass(PickleGlobal global) => global.Module == ScriptClasses || global.Module.StartsWith(ScriptClasses + ".", StringComparison.Ordinal);

    private static object? First(object?[] arguments) => arguments is [var first, ..] ? first : throw new InvalidDataException("a function lacks its argument");

    private static TorchTensor Tensor(object?[] arguments)
    {
        if (arguments is not [PickleReference { Id: object?[] id }, long and >= 0 and var offset, object?[] shape, object?[] strides, ..])
            throw new InvalidDataException("a tensor is no storage, offset, shape and strides");
        // ("storage", class, key, device, elements[, view])
        if (id is not ["storage", PickleGlobal type, string key, _, long length, ..] || length < 0 || length > Array.MaxLength || (id.Length > 5 && id[5] is not null))
            throw new InvalidDataException($"refers to something that is no storage of 0 to {Array.MaxLength} numbers");
        if (shape.Length != strides.Length || shape.Length > MostDimensions)
            throw new InvalidDataException($"a tensor has {shape.Length} dimensions and {strides.Length} strides; allowed as many strides as dimensions, at most {MostDimensions}");
        return new TorchTensor(new TorchStorage(type.Name, key, length), offset, Numbers(shape), Numbers(strides));
    }

    private static long[] Numbers(object?[] tuple) => Array.ConvertAll(tuple, n => n is long and >= 0 and var number ? number : throw new InvalidDataException("a shape or stride is no number from 0"));

    // Python 2 made them from a list of pairs, each of them a list.
    private static Dictionary<object, object?> Dictionary(object?[] arguments)
    {
        var dictionary = new Dictionary<object, object?>();
        if (arguments is [List<object?> pairs])
        {
            foreach (var pair in pairs)
                dictionary[pair is IReadOnlyList<object?> and [{ } key, var value] ? key : throw new InvalidDataException("an entry of a dictionary is no pair")] = value;
        }
        return dictionary;
    }

    [GeneratedRegex("^(u?int[0-9]+|float[0-9]+(_[a-z0-9]+)?|bfloat16|complex[0-9]+|bool|q?u?int[0-9]+(x[0-9]+)?)$")]
    private static partial Regex DataType();
}
