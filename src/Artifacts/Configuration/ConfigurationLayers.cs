using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LmmRec.Artifacts.Configuration;

/// <summary>Where a value of a configuration came from.</summary>
public enum Origin
{
    /// <summary>The options' own default.</summary>
    Default,

    /// <summary>The configuration that the user's one extends.</summary>
    Base,

    /// <summary>The user's file.</summary>
    File,

    /// <summary>The command line.</summary>
    CommandLine,
}

/// <summary>
/// A configuration put together from layers: a later one changes the values that it names and leaves the others. It remembers where each value came
/// from, so that what was given and is not used can be told from what was never given.
/// </summary>
public sealed class ConfigurationLayers
{
    // The origin of each plain value and each list of plain values, by dotted key; what is not here has its default.
    private readonly SortedDictionary<string, Origin> _origins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shared = []; // of a value that an element took from the whole: the key that it stands under there
    private readonly List<string> _faults = [];

    /// <summary>The layers as one.</summary>
    public JsonObject Json { get; } = [];

    /// <summary>Adds a layer: objects are merged key by key, lists and plain values replace what was there.</summary>
    public void Add(JsonObject layer, Origin origin) => Merge(Json, layer, "", origin);

    /// <summary>Applies <c>dotted.key=value</c> of the command line, list elements by index (<c>encoders.0.name=x</c>); the value replaces what was there.</summary>
    /// <remarks>Faults are found by <see cref="Bind"/>, and so are unknown keys.</remarks>
    public void Override(string text)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0 || text[..split].Split('.').Contains("")) _faults.Add($"--set {text}: must be key=value, such as train.epochs=5");
        else if (text.AsSpan(0, split).ContainsAny('[', ']')) _faults.Add($"--set {text}: an element of a list is named by its index between dots, such as encoders.0.precision=eight-bit");
        else if (!TryParse(text[(split + 1)..], out var value))
            _faults.Add($"--set {text}: the value is no valid JSON; a shell takes double quotes away, so put single ones around the whole: --set '{text[..split]}=[\"a\", \"b\"]'");
        else if (Override(text[..split], value) is { } fault) _faults.Add($"--set {text}: {fault}");
    }

    /// <summary>Replaces the value of the dotted <paramref name="key"/> by one of the command line.</summary>
    /// <returns>The fault, or null.</returns>
    public string? Override(string key, JsonNode? value)
    {
        var path = key.Split('.');
        JsonNode at = Json;
        foreach (var (i, name) in path[..^1].Index())
        {
            var outer = string.Join('.', path[..i]);
            if (Child(at, outer, name, out var child) is { } fault) return fault;
            if (child is null)
            {
                child = new JsonObject();
                Put(at, name, child);
            }
            at = child;
        }
        if (Child(at, string.Join('.', path[..^1]), path[^1], out _) is { } last) return last;
        if (Keys(key).FirstOrDefault(k => _origins[k] == Origin.CommandLine) is { } before) return $"'{before}' is given before it on the command line; leave one out";
        Put(at, path[^1], value);
        Forget(key);
        Remember(key, value, Origin.CommandLine);
        return null;
    }

    /// <summary>
    /// Moves <paramref name="sections"/> of the whole into each element of the list at the dotted key <paramref name="list"/>, where the element's own
    /// values come first. Where there is no element, they stay.
    /// </summary>
    /// <remarks>What is wrong with a value that elements share, or unused in all of them, is told once, of the key that the user wrote.</remarks>
    public void Share(string list, params IReadOnlyList<string> sections)
    {
        var at = list.Split('.').Aggregate((JsonNode?)Json, (node, name) => (node as JsonObject)?[name]);
        if (at is not JsonArray { Count: > 0 } elements || !elements.All(element => element is JsonObject)) return; // the binder says what it must be
        foreach (var section in sections.Where(section => Json[section] is JsonObject))
        {
            var shared = (JsonObject)Json[section]!;
            Json.Remove(section);
            foreach (var (i, element) in elements.Index())
            {
                if (!((JsonObject)element!).ContainsKey(section)) element[section] = new JsonObject();
                if (element[section] is JsonObject own) Complete(own, shared, string.Create(CultureInfo.InvariantCulture, $"{list}.{i}.{section}"), section);
            }
            Forget(section);
        }
    }

    /// <summary>Where the value of a dotted key came from; a list's elements come from where the list does.</summary>
    public Origin OriginOf(string key)
    {
        for (; key.Length > 0; key = key[..Math.Max(0, key.LastIndexOf('.'))])
            if (_origins.TryGetValue(key, out var origin)) return origin;
        return Origin.Default;
    }

    /// <summary>Whether the user gave the dotted key, or one further down.</summary>
    public bool IsGiven(string key) => Keys(key).Exists(k => _origins[k] is Origin.File or Origin.CommandLine);

    /// <summary>Binds the whole to <typeparamref name="T"/>.</summary>
    /// <param name="used">whether a key has an effect though the configuration alone says that it has none</param>
    /// <param name="unused">keys that have no effect by what the configuration does not say, and why</param>
    /// <returns>The options, what has no effect beside them, and a warning for each value of the user's file among that.</returns>
    /// <exception cref="ConfigurationException">With all faults; a value of the command line that has no effect is one.</exception>
    public (T Options, IReadOnlyList<(string Key, string Why)> Unused, IReadOnlyList<string> Warnings) Bind<T>(Predicate<string>? used = null, params IReadOnlyList<(string Key, string Why)> unused) where T : class, new()
    {
        var bound = ConfigurationBinder.TryBind(typeof(T), Json, "");
        IReadOnlyList<(string Key, string Why)> withoutEffect = [.. bound.Unused.Where(u => used?.Invoke(u.Key) != true), .. unused];
        var (refused, warnings) = Judge(withoutEffect);
        var faults = _faults.Concat(bound.Faults.Select(AsWritten).Distinct()).Concat(refused).ToList();
        return faults.Count == 0 ? ((T)bound.Value, withoutEffect, warnings) : throw new ConfigurationException(faults);
    }

    /// <summary>What of <paramref name="unused"/>, dotted keys and why they have no effect, the user gave: refused on the command line, warned of in a file.</summary>
    public (IReadOnlyList<string> Faults, IReadOnlyList<string> Warnings) Judge(IReadOnlyList<(string Key, string Why)> unused)
    {
        return ([.. Given(Origin.CommandLine)], [.. Given(Origin.File)]);

        IEnumerable<string> Given(Origin origin) => unused.SelectMany(u => Keys(u.Key).Where(key => _origins[key] == origin).Select(key => (u.Key, u.Why, Given: key)))
            .Where(u => !_shared.TryGetValue(u.Given, out var shared) || _shared.Where(s => s.Value == shared).All(s => unused.Any(other => IsWithin(s.Key, other.Key))))
            .Select(u => $"{AsWritten(u.Key, u.Given)}: is not used: {u.Why}").Distinct();
    }

    private void Merge(JsonObject into, JsonObject layer, string path, Origin origin)
    {
        foreach (var (name, value) in layer)
        {
            var key = path.Length == 0 ? name : $"{path}.{name}";
            if (value is JsonObject inner && into[name] is JsonObject existing)
            {
                Merge(existing, inner, key, origin);
                continue;
            }
            into[name] = value?.DeepClone();
            Forget(key);
            Remember(key, value, origin);
        }
    }

    private void Remember(string key, JsonNode? value, Origin origin)
    {
        if (value is JsonObject inner)
            foreach (var (name, child) in inner) Remember($"{key}.{name}", child, origin);
        else if (value is JsonArray list && list.Any(element => element is JsonObject))
            foreach (var (i, element) in list.Index()) Remember(string.Create(CultureInfo.InvariantCulture, $"{key}.{i}"), element, origin);
        else _origins[key] = origin;
    }

    // Adds to what an element gives what the section has beside it.
    private void Complete(JsonObject own, JsonObject shared, string ownKey, string sharedKey)
    {
        foreach (var (name, value) in shared)
        {
            var (key, from) = ($"{ownKey}.{name}", $"{sharedKey}.{name}");
            if (own[name] is JsonObject inner && value is JsonObject section) Complete(inner, section, key, from);
            if (own.ContainsKey(name)) continue;
            own[name] = value?.DeepClone();
            foreach (var origin in Keys(from)) (_origins[key + origin[from.Length..]], _shared[key + origin[from.Length..]]) = (_origins[origin], origin);
        }
    }

    // A fault begins with its key; one of a value that elements share is the fault of the value that the user wrote.
    private string AsWritten(string fault)
    {
        var key = fault.Split(": ", 2)[0];
        for (var at = key; at.Length > 0; at = at[..Math.Max(0, at.LastIndexOf('.'))])
            if (_shared.TryGetValue(at, out var shared)) return shared + fault[at.Length..];
        return fault;
    }

    // The key that has no effect, where it is a part of what the user wrote elsewhere.
    private string AsWritten(string unused, string given) => _shared.TryGetValue(given, out var shared) ? shared[..^(given.Length - unused.Length)] : unused;

    private static bool IsWithin(string key, string outer) => key == outer || key.StartsWith(outer + '.', StringComparison.Ordinal);

    private void Forget(string key)
    {
        foreach (var old in Keys(key)) _origins.Remove(old);
    }

    private List<string> Keys(string key) => [.. _origins.Keys.Where(k => IsWithin(k, key))];

    // What 'name' is in 'at', null where an object has no such key; the fault says why there cannot be one.
    private static string? Child(JsonNode at, string path, string name, out JsonNode? child)
    {
        child = null;
        switch (at)
        {
            case JsonObject container:
                child = container[name];
                return null;
            case JsonArray list when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Count:
                child = list[index];
                return null;
            case JsonArray list:
                return $"'{path}' is a list of {list.Count}; '{name}' is no index{(list.Count == 0 ? "" : $" from 0 to {list.Count - 1}")}";
            default:
                return $"'{path}' is a plain value and has no '{name}'";
        }
    }

    private static void Put(JsonNode at, string name, JsonNode? value)
    {
        if (at is JsonArray list) list[int.Parse(name, CultureInfo.InvariantCulture)] = value;
        else at[name] = value;
    }

    // 5, true, [1, 2] and {"a": 1} are JSON; anything else is the string that was typed, unless it begins as only JSON does.
    private static bool TryParse(string text, out JsonNode? value)
    {
        try
        {
            value = JsonNode.Parse(text, documentOptions: ConfigurationFile.Lenient);
            return true;
        }
        catch (JsonException)
        {
            value = JsonValue.Create(text);
            return text is not ['[' or '{', ..];
        }
    }
}
