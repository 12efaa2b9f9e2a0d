using LmmRec.Artifacts;

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
internal sealed record TorchStorage(string Type, string Key, long Length);

/// <summary>An object of a TorchScript class: nothing but its attributes.</summary>
internal sealed class TorchModule
{
    public Dictionary<object, object?> Attributes { get; set; } = [];
}

/// <summary>The functions and classes that files of tensors need, and what becomes of each.</summary>
internal static class TorchObjects
{
    private const string ScriptClasses = "__torch__";

    private static readonly string[] FloatStorages = ["FloatStorage", "HalfStorage", "BFloat16Storage", "DoubleStorage"];
    private static readonly string[] OtherStorages = ["LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage"];

    private static readonly Dictionary<string, Func<object?[], object?>> Functions = new(StringComparer.Ordinal)
    {
        ["torch._utils._rebuild_tensor"] = Tensor,
        ["torch._utils._rebuild_tensor_v2"] = Tensor,
        ["torch._utils._rebuild_parameter"] = arguments => arguments[0],
        ["collections.OrderedDict"] = Dictionary,
        ["torch.Size"] = arguments => arguments[0],
        ["torch.jit._pickle.restore_type_tag"] = arguments => arguments[0],
        ["torch.jit._pickle.build_intlist"] = arguments => arguments[0],
        ["torch.jit._pickle.build_doublelist"] = arguments => arguments[0],
        ["torch.jit._pickle.build_boollist"] = arguments => arguments[0],
        ["torch.jit._pickle.build_tensorlist"] = arguments => arguments[0],
    };

    /// <summary>Whether a pickle may name <paramref name="global"/>.</summary>
    public static bool Allows(PickleGlobal global) =>
        Functions.ContainsKey(global.ToString()) || IsScriptClass(global) || (global.Module == "torch" && (IsFloat(global.Name) || OtherStorages.Contains(global.Name)));

    /// <summary>Calls <paramref name="global"/>.</summary>
    public static object? Apply(PickleGlobal global, object?[] arguments) =>
        IsScriptClass(global) ? new TorchModule()
        : Functions.TryGetValue(global.ToString(), out var function) ? function(arguments)
        : throw new InvalidInputException($"the pickle calls {global}, which is no function; only tensors are read");

    /// <summary>Whether a storage holds floating-point numbers.</summary>
    public static bool IsFloat(string storage) => FloatStorages.Contains(storage);

    private static bool IsScriptClass(PickleGlobal global) => global.Module == ScriptClasses || global.Module.StartsWith(ScriptClasses + ".", StringComparison.Ordinal);

    private static TorchTensor Tensor(object?[] arguments)
    {
        var id = (object?[])((PickleReference)arguments[0]!).Id!; // ("storage", class, key, device, elements[, view])
        if (id is not ["storage", PickleGlobal type, string key, _, long length, ..] || (id.Length > 5 && id[5] is not null))
            throw new InvalidInputException("the pickle refers to something that is no storage of numbers");
        return new TorchTensor(new TorchStorage(type.Name, key, length), (long)arguments[1]!, Numbers(arguments[2]), Numbers(arguments[3]));
    }

    private static long[] Numbers(object? tuple) => Array.ConvertAll((object?[])tuple!, n => (long)n!);

    private static Dictionary<object, object?> Dictionary(object?[] arguments)
    {
        var dictionary = new Dictionary<object, object?>();
        if (arguments is [List<object?> pairs])
            foreach (var pair in pairs.Cast<object?[]>()) dictionary[pair[0]!] = pair[1];
        return dictionary;
    }
}
