using System.Globalization;

namespace LmmRec.EndToEnd;

/// <summary>A small shop's own tables and pictures, which change from night to night.</summary>
internal sealed class NightlyShop
{
    private const int Products = 40, Kinds = 4;

    private readonly TemporaryFolder _folder;

    /// <summary>Writes <c>products.csv</c>, <c>orders.csv</c>, the folder <c>photos</c> and a configuration that trains two recommenders.</summary>
    public NightlyShop(TemporaryFolder folder, string paradigms = "\"pt\"")
    {
        _folder = folder;
        Directory.CreateDirectory(folder.PathOf("photos"));
        for (var product = 0; product < Products; product++) Add($"P{product:D2}", $"thing {product} of kind {product % Kinds}");
        Purchases.Write(folder.PathOf("orders.csv"), [.. Enumerable.Range(0, Products).Select(product => ($"P{product:D2}", $"{product % Kinds}"))], seed: 3);
        File.WriteAllText(folder.PathOf("pipeline.json"), $$"""
            { "dataset": { "source": "table", "name": "shop",
                "items": { "files": "products.csv", "columns": { "id": "id", "title": "title" }, "images": "photos/{id}.png" },
                "interactions": { "files": "orders.csv", "columns": { "user": "customer", "item": "product", "time": "bought_at" } } },
              "encoders": [{ "name": "clip-small", "card": "clip-small", "paradigms": [{{paradigms}}], "tune": { "epochs": 1, "batch": 16 } }],
              "train": { "recommenders": ["bpr", "vbpr"], "modalities": ["vt"], "epochs": 2, "batchSize": 1024 } }
            """);
    }

    /// <summary>Puts another product on sale.</summary>
    public void Add(string id, string title)
    {
        if (!File.Exists(_folder.PathOf("products.csv"))) File.WriteAllText(_folder.PathOf("products.csv"), "id,title\n");
        File.AppendAllText(_folder.PathOf("products.csv"), $"{id},{title}\n");
        File.WriteAllBytes(PhotoOf(id), Pictures.Png(Pictures.Draw(24, 24, seed: Hash(id))));
    }

    /// <summary>Buyers buy what is named, one order each.</summary>
    public void Sell(string product, params IEnumerable<int> customers) => File.AppendAllLines(
        _folder.PathOf("orders.csv"), customers.Select(customer => string.Create(CultureInfo.InvariantCulture, $"C{customer:D4},{product},2025-01-01 12:00:{customer % 60:D2}")));

    /// <summary>Gives a product another title.</summary>
    public void Rename(string id, string title) => Change("products.csv", lines => lines.Select(line => line.StartsWith(id, StringComparison.Ordinal) ? $"{id},{title}" : line));

    /// <summary>Gives a product another picture.</summary>
    public void Photograph(string id) => File.WriteAllBytes(PhotoOf(id), Pictures.Png(Pictures.Draw(25, 24, seed: Hash(id) + 1)));

    /// <summary>Takes a product off sale, as if it had never been bought.</summary>
    public void Remove(string id)
    {
        Change("products.csv", lines => lines.Where(line => !line.StartsWith(id, StringComparison.Ordinal)));
        Change("orders.csv", lines => lines.Where(line => !line.Contains($",{id},", StringComparison.Ordinal)));
    }

    private void Change(string file, Func<IEnumerable<string>, IEnumerable<string>> change) => File.WriteAllLines(_folder.PathOf(file), [.. change(File.ReadAllLines(_folder.PathOf(file)))]);

    private string PhotoOf(string id) => _folder.PathOf(Path.Combine("photos", $"{id}.png"));

    private static int Hash(string id) => id.Sum(letter => letter) * 7 + id[^1];
}
