using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace LmmRec.Artifacts.Configuration;

/// <summary>Options that have rules across their properties.</summary>
public interface IChecked
{
    /// <summary>The faults of this object: the property's JSON name (or empty) and what is wrong with it.</summary>
    IEnumerable<(string Key, string Fault)> Faults() => [];

    /// <summary>What has no effect beside the values of the others: the property's JSON name (a dotted key for one further down) and why.</summary>
    IEnumerable<(string Key, string Why)> Unused() => [];
}

/// <summary>What came of binding.</summary>
/// <param name="Value">the options; a property that could not be bound holds its default</param>
/// <param name="Faults">all that is wrong, each beginning with its dotted key</param>
/// <param name="Unused">dotted keys that have no effect, whether they were given or not, and why</param>
public sealed record Bound(object Value, IReadOnlyList<string> Faults, IReadOnlyList<(string Key, string Why)> Unused);

/// <summary>
/// Turns JSON into option records, strictly: a key that no property has, a value of the wrong type, one out of its [Range] and a rule of
/// <see cref="IChecked"/> that does not hold are collected, all of them, each with its dotted key.
/// </summary>
public sealed class ConfigurationBinder
{
    private readonly List<string> _faults = [];
    private readonly List<(string Key, string Why)> _unused = [];

    /// <summary>Binds <paramref name="json"/> to <typeparamref name="T"/>; properties that the JSON lacks keep their defaults.</summary>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static T Bind<T>(JsonObject json) where T : class, new()
    {
        var bound = TryBind(typeof(T), json, "");
        return bound.Faults.Count == 0 ? (T)bound.Value : throw new ConfigurationException(bound.Faults);
    }

    /// <summary>Binds without throwing, for options whose type depends on a name.</summary>
    /// <param name="type">a record with a constructor without parameters</param>
    /// <param name="json">its JSON</param>
    /// <param name="path">dotted key that faults begin with</param>
    public static Bound TryBind(Type type, JsonObject json, string path)
    {
        var binder = new ConfigurationBinder();
        var value = binder.BindObject(type, json, path);
        return new Bound(value, binder._faults, binder._unused);
    }

    /// <summary>A record's options as JSON, for fingerprints and to be shown.</summary>
    public static JsonObject ToJson(object options) => (JsonObject)JsonSerializer.SerializeToNode(options, options.GetType(), Json)!;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        IgnoreReadOnlyProperties = true, // what follows from the options is none of them
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private object BindObject(Type type, JsonObject json, string path)
    {
        var value = Activator.CreateInstance(type)!;
        var properties = PropertiesOf(type);
        foreach (var (key, node) in json)
        {
            var at = Join(path, key);
            if (!properties.TryGetValue(key, out var property))
            {
                _faults.Add($"{at}: unknown key{NearestName.Hint(key, properties.Keys)}");
                continue;
            }
            var given = node is JsonValue or JsonObject && property.GetCustomAttribute<OneOrMoreAttribute>() is not null ? new JsonArray(node.DeepClone()) : node;
            if (BindValue(property.PropertyType, given, at, IsNullable(property)) is not { } bound) continue;
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>()) Check(rule, bound, given, at);
            property.SetValue(value, bound);
        }
        foreach (var (key, property) in properties)
            if (property.GetCustomAttribute<RequiredAttribute>() is not null && !json.ContainsKey(key))
                _faults.Add($"{Join(path, key)}: is required");
        // A section that is not given has options without effect, too.
        foreach (var (key, property) in properties)
            if (!json.ContainsKey(key) && IsSection(property.PropertyType) && property.GetValue(value) is not null)
                _unused.AddRange(TryBind(property.PropertyType, [], Join(path, key)).Unused);
        if (value is not IChecked rules) return value;
        // What could not be bound holds its default, so the rules can always be asked.
        _faults.AddRange(rules.Faults().Select(f => Join(path, f.Key) is { Length: > 0 } at ? $"{at}: {f.Fault}" : f.Fault));
        _unused.AddRange(rules.Unused().Select(u => (Join(path, u.Key), u.Why)));
        return value;
    }

    private object? BindValue(Type type, JsonNode? node, string path, bool nullable)
    {
        if (node is null) return nullable ? null : Fault(path, node, Expected(type));
        var underlying = Nullable.GetUnderlyingType(type) ?? type;
        if (underlying == typeof(JsonObject)) return node as JsonObject ?? Fault(path, node, "an object { … }");
        if (ElementType(underlying) is { } element) return node is JsonArray list ? BindList(element, list, path) : Unlisted(element, node, path);
        if (node is JsonObject inner) return Scalar(underlying) ? Fault(path, node, Expected(underlying)) : BindObject(underlying, inner, path);
        if (!Scalar(underlying) || node is not JsonValue value) return Fault(path, node, Expected(underlying));
        if (underlying.IsEnum) return BindEnum(underlying, value, path);
        if (underlying == typeof(string)) return value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : Fault(path, node, Expected(underlying));
        if (underlying == typeof(bool)) return value.TryGetValue<bool>(out var flag) ? flag : Fault(path, node, Expected(underlying));
        return BindNumber(underlying, value) ?? Fault(path, node, Expected(underlying));
    }

    private Array? BindList(Type element, JsonArray list, string path)
    {
        var values = list.Select((item, i) => BindValue(element, item, $"{path}.{i}", nullable: false)).ToList();
        if (values.Contains(null)) return null; // a fault is noted; the rules of what is left of the list would mislead
        var array = Array.CreateInstance(element, values.Count);
        for (var i = 0; i < values.Count; i++) array.SetValue(values[i], i);
        return array;
    }

    private object? BindEnum(Type type, JsonValue value, string path)
    {
        var names = Enum.GetNames(type).ToDictionary(name => NameOf(type, name));
        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
        if (names.TryGetValue(text, out var name)) return Enum.Parse(type, name);
        _faults.Add($"{path}: unknown value '{text}'{NearestName.Hint(text, names.Keys)}");
        return null;
    }

    private static object? BindNumber(Type type, JsonValue value)
    {
        if (value.GetValueKind() != JsonValueKind.Number) return null;
        var text = value.ToJsonString();
        if (type == typeof(double)) return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real : null;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) || exact != decimal.Truncate(exact)) return null;
        if (type == typeof(int)) return exact is >= int.MinValue and <= int.MaxValue ? (int)exact : null;
        return exact is >= long.MinValue and <= long.MaxValue ? (long)exact : null;
    }

    // Who gives one value for a list of one means that list.
    private object? Unlisted(Type element, JsonNode node, string path) => new ConfigurationBinder().BindValue(element, node, path, nullable: false) is null
        ? Fault(path, node, $"a list of {Several(element)}")
        : Fault(path, node, $"a list; write [{node.ToJsonString()}]");

    private object? Fault(string path, JsonNode? node, string expected)
    {
        _faults.Add($"{path}: {node?.ToJsonString() ?? "null"} is not {expected}");
        return null;
    }

    // A rule for one value is asked of every element of a list.
    private void Check(ValidationAttribute rule, object bound, JsonNode? node, string path)
    {
        if (rule is MinLengthAttribute || bound is not Array list)
        {
            if (!rule.IsValid(bound)) _faults.Add($"{path}: {Describe(rule, node)}");
            return;
        }
        foreach (var (i, element) in ((JsonArray)node!).Index())
            if (i < list.Length && !rule.IsValid(list.GetValue(i))) _faults.Add($"{path}.{i}: {Describe(rule, element)}");
    }

    private static string Describe(ValidationAttribute rule, JsonNode? node) => rule switch
    {
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"{node?.ToJsonString()} is out of range; allowed {range.Minimum} to {range.Maximum}"),
        MinLengthAttribute length => $"needs at least {length.Length} element(s)",
        AllowedValuesAttribute allowed => $"{node?.ToJsonString()} is not allowed; allowed: {string.Join(", ", allowed.Values)}",
        _ => rule.ErrorMessage ?? $"{node?.ToJsonString()} is not allowed",
    };

    private static string Expected(Type type) =>
        ElementType(type) is { } element ? $"a list of {Several(element)}"
        : type == typeof(string) ? "a string"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type).Select(name => NameOf(type, name)))}"
        : "an object { … }";

    /// <summary>The name of a value in configurations.</summary>
    public static string NameOf<T>(T value) where T : struct, Enum => NameOf(typeof(T), value.ToString());

    // As the serializer has it in ToJson: an attribute names what the rule would name badly, such as amazon-2014.
    internal static string NameOf(Type type, string member) =>
        type.GetField(member)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.KebabCaseLower.ConvertName(member);

    private static string Several(Type element) =>
        element == typeof(string) ? "strings, such as [\"a\", \"b\"]"
        : element == typeof(int) || element == typeof(long) ? "whole numbers, such as [1, 2]"
        : element == typeof(double) ? "numbers, such as [0.5, 1]"
        : element.IsEnum ? $"any of {string.Join(", ", Enum.GetNames(element).Select(name => $"\"{JsonNamingPolicy.KebabCaseLower.ConvertName(name)}\""))}, such as [\"{JsonNamingPolicy.KebabCaseLower.ConvertName(Enum.GetNames(element)[0])}\"]"
        : "objects, such as [{ … }]";

    internal static bool IsSection(Type type) => type.IsClass && !Scalar(type) && ElementType(type) is null && type != typeof(JsonObject);

    private static bool Scalar(Type type) => type.IsEnum || type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long) || type == typeof(double);

    internal static Type? ElementType(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0]
        : null;

    private static bool IsNullable(PropertyInfo property) => new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;

    internal static Dictionary<string, PropertyInfo> PropertiesOf(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.SetMethod is not null)
        .ToDictionary(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name));

    private static string Join(string path, string key) => path.Length == 0 ? key : key.Length == 0 ? path : $"{path}.{key}";
}
