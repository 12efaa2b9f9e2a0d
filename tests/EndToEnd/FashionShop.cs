namespace LmmRec.EndToEnd;

/// <summary>A shop of 985 real photos and their titles, where they lie beside the checkout; its purchases are made up.</summary>
internal static class FashionShop
{
    /// <summary>Puts <c>styles.csv</c>, <c>purchases.csv</c> and the folder <c>images</c> into <paramref name="folder"/>, as copies that a test may change.</summary>
    public static void Open(TemporaryFolder folder)
    {
        var data = Beside.Data("fashion_small_985");
        File.Copy(Path.Combine(data, "styles.csv"), folder.PathOf("styles.csv"));
        Directory.CreateDirectory(folder.PathOf("images"));
        foreach (var photo in Directory.EnumerateFiles(Path.Combine(data, "images"))) File.Copy(photo, Path.Combine(folder.PathOf("images"), Path.GetFileName(photo)));
        var products = File.ReadLines(folder.PathOf("styles.csv")).Skip(1).Select(line => line.Split(',')).Select(cells => (cells[0], $"{cells[1]} {cells[4]}")).ToList();
        Purchases.Write(folder.PathOf("purchases.csv"), products, seed: 7);
    }
}
