using System.Reflection;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Artifacts.Tests;

public sealed class DocumentationTests
{
    private static readonly string[] Stages = ["ingest", "encoders", "features", "models", "evaluation", "comparison"];

    private const string Begin = "<!-- tables -->\n", End = "<!-- /tables -->\n";

    [Fact]
    public void ARCHITECTURE_documents_every_column_as_it_is()
    {
        var path = Path.Combine(Beside.Checkout, "ARCHITECTURE.md");
        var text = File.ReadAllText(path);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = text.IndexOf(End, StringComparison.Ordinal);
        var expected = string.Concat(typeof(ItemRow).Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<TableAttribute>() is not null)
            .OrderBy(type => Array.IndexOf(Stages, type.GetCustomAttribute<TableAttribute>()!.Artifact.Split('/')[0])).ThenBy(type => type.MetadataToken)
            .Select(Paragraph));

        // To bring the documentation up to date: LMMREC_WRITE_DOCS=1 dotnet test --project tests/Artifacts.Tests
        if (Environment.GetEnvironmentVariable("LMMREC_WRITE_DOCS") == "1") File.WriteAllText(path, text[..from] + expected + text[to..]);
        else Assert.Equal(expected, text[from..to]);
    }

    [Fact]
    public void CHANGELOG_begins_with_the_version_that_is_built()
    {
        var newest = File.ReadLines(Path.Combine(Beside.Checkout, "CHANGELOG.md")).First(line => line.StartsWith("## ", StringComparison.Ordinal));
        Assert.Equal($"## {typeof(ItemRow).Assembly.GetName().Version!.ToString(3)}", newest);
    }

    private static string Paragraph(Type row)
    {
        var table = row.GetCustomAttribute<TableAttribute>()!;
        var columns = (IReadOnlyList<ColumnDescription>)typeof(TableFile).GetMethod(nameof(TableFile.Columns))!.MakeGenericMethod(row).Invoke(null, [])!;
        return $"`{table.Artifact}/{table.Name}` – {table.Description}.\n" + string.Concat(columns.Select(c => $"`{c.Name}` `{c.Type}` {c.Description};\n"))[..^2] + ".\n\n";
    }
}
