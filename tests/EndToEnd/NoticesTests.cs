using System.Runtime.InteropServices;
using System.Text.Json;
using System.Xml.Linq;

namespace LmmRec.EndToEnd;

/// <summary>What is owed to the authors of the packages that the command is built of.</summary>
public sealed class NoticesTests
{
    private const string Begin = "<!-- packages -->\n", End = "<!-- /packages -->\n";

    [Fact]
    public void THIRD_PARTY_NOTICES_names_every_package_with_its_licence_and_copyright()
    {
        var packages = Packages();
        Assert.SkipWhen(packages.Any(p => p.Name.Contains(".Gpu", StringComparison.Ordinal)), "the table is that of the build for the CPU");
        var path = Path.Combine(Beside.Checkout, "THIRD-PARTY-NOTICES.md");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = text.IndexOf(End, StringComparison.Ordinal);
        var expected = "| package | version | licence | copyright |\n| --- | --- | --- | --- |\n" + string.Concat(packages.Select(Row));

        // To bring the notices up to date: LMMREC_WRITE_DOCS=1 dotnet test --project tests/EndToEnd
        if (Environment.GetEnvironmentVariable("LMMREC_WRITE_DOCS") == "1") File.WriteAllText(path, text[..from] + expected + text[to..]);
        else Assert.Equal(expected, text[from..to]);
    }

    [Fact]
    public void The_notices_lie_beside_the_command()
    {
        var noticed = Packages().Where(package => Directory.EnumerateFiles(package.Folder)
            .Any(file => Path.GetFileNameWithoutExtension(file).EndsWith("notices", StringComparison.OrdinalIgnoreCase)));
        string[] owed = ["LICENSE", "THIRD-PARTY-NOTICES.md", "notices/LGPL-3.0.txt", "notices/GPL-3.0.txt", "notices/Apache-2.0.txt", .. noticed.Select(p => $"notices/{p.Name}.txt")];
        Assert.All(owed, name => Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, name)), name));
    }

    /// <summary>The packages that the command's own list of dependencies names, and where they were restored to.</summary>
    private static List<(string Name, string Version, string Folder)> Packages()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "lmmrec.deps.json")));
        var root = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return [.. json.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .OrderBy(library => library.Name, StringComparer.OrdinalIgnoreCase)
            .Select(library => (library.Name.Split('/')[0], library.Name.Split('/')[1], Path.Combine(root, library.Value.GetProperty("path").GetString()!)))];
    }

    private static string Row((string Name, string Version, string Folder) package)
    {
        var metadata = XDocument.Load(Directory.EnumerateFiles(package.Folder, "*.nuspec").Single()).Root!.Elements().First();
        string? Value(string name) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim();
        var licence = metadata.Elements().FirstOrDefault(e => e.Name.LocalName == "license") is { } element
            ? (string?)element.Attribute("type") == "file" ? File.ReadLines(Path.Combine(package.Folder, element.Value)).First().Trim() : element.Value
            : Value("licenseUrl");
        var name = package.Name.Replace(RuntimeInformation.RuntimeIdentifier, "<platform>", StringComparison.Ordinal);
        return $"| {name.Replace("<", "\\<", StringComparison.Ordinal)} | {package.Version} | {licence} | {Value("copyright") ?? Value("authors")} |\n";
    }
}
