using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Sources;

/// <summary>
/// A folder as LATTICE's scripts leave it: <c>train.json</c>, <c>val.json</c> and <c>test.json</c>, which give the items of each user, there or in
/// <c>5-core/</c>. Users and items are indices; <c>user2id.json</c> and <c>item2id.json</c> beside them give their ids.
/// </summary>
/// <param name="folder">where it lies</param>
internal sealed class LatticeSource(string folder) : IDataSource
{
    private const string UserMap = "user2id.json", ItemMap = "item2id.json";

    private static readonly (string File, Part Part)[] Parts = [("train.json", Part.Train), ("val.json", Part.Validation), ("test.json", Part.Test)];

    public bool IdsAreIndices => true;

    /// <summary>The files that are read, by name.</summary>
    /// <exception cref="InvalidInputException">There is no such folder.</exception>
    public static IReadOnlyDictionary<string, string> FilesOf(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidInputException($"{folder}: there is no such folder; --data names the folder of train.json, val.json and test.json");
        var tables = TablesIn(folder);
        var files = Parts.Select(p => Path.Combine(tables, p.File)).Concat(new[] { UserMap, ItemMap }.Select(map => Path.Combine(tables, map)).Where(File.Exists));
        return files.ToDictionary(file => Path.GetFileName(file));
    }

    public Task<InteractionTable> ReadInteractionsAsync(IngestLog log, CancellationToken cancellation)
    {
        var rows = new InteractionRows();
        var found = new Dictionary<(int User, int Item), string>();
        foreach (var (file, part) in Parts)
        {
            var path = Path.Combine(TablesIn(folder), file);
            foreach (var (user, item) in Pairs(path))
            {
                cancellation.ThrowIfCancellationRequested();
                if (!found.TryAdd((user, item), file))
                    throw new InvalidInputException($"{path}: user {user} has item {item}, as in {found[(user, item)]} already; allowed is one row per user and item; remove one of the two");
                rows.Add(new Interaction(user, item, Rating: null, Time: null, part));
            }
        }
        if (rows.Count == 0) throw new InvalidInputException($"{TablesIn(folder)}: train.json, val.json and test.json name no item; at least one is needed");
        return Task.FromResult(new InteractionTable(Keys(UserMap, "user", rows.Max(r => r.User), rows.Count), Keys(ItemMap, "item", rows.Max(r => r.Item), rows.Count), rows));
    }

    public Task<IReadOnlyDictionary<string, ItemRecord>?> ReadCatalogueAsync(IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, ItemRecord>?>(null);

    private static string TablesIn(string folder) => Path.Combine(folder, "5-core") is var core && Directory.Exists(core) ? core : folder;

    private static IEnumerable<(int User, int Item)> Pairs(string path)
    {
        using var json = Parse(path);
        foreach (var user in json.RootElement.EnumerateObject())
        {
            var index = DenseIndex.Parse(user.Name) ?? throw Fault(path, $"a user is '{user.Name}'");
            if (user.Value.ValueKind != JsonValueKind.Array) throw Fault(path, $"user {index} has no list of items");
            foreach (var item in user.Value.EnumerateArray()) yield return (index, DenseIndex.Parse(item.GetRawText()) ?? throw Fault(path, $"user {index} has item {item.GetRawText()}"));
        }
    }

    // The ids by index: those of the map, which must give each index once, else the indices themselves.
    private string[] Keys(string map, string what, int largest, int rows)
    {
        var path = Path.Combine(TablesIn(folder), map);
        if (!File.Exists(path)) return MMRecSource.Keys(Path.Combine(TablesIn(folder), "train.json"), what, largest, rows);
        using var json = Parse(path);
        var ids = json.RootElement.EnumerateObject().Select(entry => (entry.Name, Index: DenseIndex.Parse(entry.Value.GetRawText()) ?? throw Fault(path, $"'{entry.Name}' has {entry.Value.GetRawText()}"))).ToList();
        var keys = new string?[ids.Count];
        foreach (var (id, index) in ids)
        {
            if (index >= keys.Length || keys[index] is not null)
                throw new InvalidInputException($"{path}: '{id}' has {index}; allowed are the indices 0 to {keys.Length - 1}, each once, since there are {keys.Length} ids");
            keys[index] = id;
        }
        if (largest >= keys.Length) throw new InvalidInputException($"{path}: has {keys.Length} ids, but the {what} {largest} occurs in train.json, val.json or test.json; is the map theirs?");
        return keys!;
    }

    private static JsonDocument Parse(string path)
    {
        StandIn.Refuse(path);
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{path}: is no JSON: {e.Message}", e);
        }
        return json.RootElement.ValueKind == JsonValueKind.Object ? json : throw new InvalidInputException($"{path}: is no JSON object; LATTICE's files are");
    }

    private static InvalidInputException Fault(string path, string what) =>
        new($"{path}: {what}; allowed for users and items is {DenseIndex.Allowed}, such as {{\"0\": [5, 12]}}");
}
