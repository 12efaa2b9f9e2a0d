using System.Text.Json.Nodes;
using LmmRec.Evaluate.Paper;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Tests;

/// <summary>The paper's tables, filled from measured cases.</summary>
public sealed class PaperTablesTests
{
    private static readonly PaperRow Baseline = new("MMGCL", PaperNames.Baseline, "PT", "V+T"), Pretrained = Baseline with { Encoder = PaperNames.Clip }, Tuned = Pretrained with { Paradigm = "FT" };

    [Fact]
    public async Task A_value_of_a_data_set_of_the_paper_stands_beside_the_printed_one_with_the_difference()
    {
        using var workspace = Baby();
        var tables = await TablesAsync(workspace, ("mmgcl", "clip", "pt", "vt", 0.5));
        var (row, cell) = Cell(tables, 3, "MMGCL with CLIP-PT", "NDCG@20");
        Assert.Equal((0.0362, true), (cell.Published!.Value, cell.Published.Star));
        Assert.Equal(cell.Ours!.Value - 0.0362, cell.Difference);
        Assert.Equal("+0.1234", row.WriteDifference(0.12341));
        Assert.Equal(["Baby"], tables.Datasets);
        Assert.Contains("This study does not have Sports and Clothing.", tables.Notes);
    }

    [Fact]
    public async Task Rows_without_a_case_keep_the_printed_value_and_the_table_says_how_many_cells_are_empty()
    {
        using var workspace = Baby();
        var tables = await TablesAsync(workspace, ("mmgcl", "clip", "pt", "vt", 0.5));
        var (_, cell) = Cell(tables, 3, "VBPR (V)", "Recall@10");
        Assert.Null(cell.Ours);
        Assert.Equal(0.0479, cell.Published!.Value);
        Assert.EndsWith("56 of 60 cells are empty: this study has no such case.", tables.Tables.Single(table => table.Number == 3).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_star_of_table_3_marks_a_loss_as_it_marks_a_gain()
    {
        using var workspace = new Workspace();
        var tables = await TablesAsync(workspace, ("mmgcl", "cnn+minilm", "pt", "vt", 0.4), ("mmgcl", "clip", "pt", "vt", 0), ("mmgcl", "vlmo", "pt", "vt", 1));
        Assert.Equal([null, true, true], new[] { "MMGCL", "MMGCL with CLIP-PT", "MMGCL with VLMo-PT" }.Select(label => Cell(tables, 3, label, "NDCG@10").Cell.Ours!.Star));
        Assert.True(Cell(tables, 3, "MMGCL with VLMo-PT", "NDCG@10").Cell.IsBest);
    }

    [Fact]
    public async Task The_stars_of_table_4_are_those_of_Holm_over_the_two_comparisons_with_the_best_paradigm()
    {
        using var workspace = new Workspace();
        var tables = await TablesAsync(workspace, ("mmgcl", "clip", "pt", "vt", 0.45), ("mmgcl", "clip", "ft", "vt", 0.6), ("mmgcl", "clip", "ete", "vt", 0.5));
        var evaluation = await EvaluationAsync(workspace);
        foreach (var (metric, cutoff, name) in new[] { (RankingMetric.Ndcg, 10, "NDCG@10"), (RankingMetric.Recall, 10, "Recall@10") })
        {
            var values = evaluation.Cases.ToDictionary(c => c.Case.Paradigm ?? "", c => c.Test[metric, cutoff]);
            var best = new[] { "pt", "ft", "ete" }.MaxBy(paradigm => values[paradigm].Average())!;
            List<string> others = [.. new[] { "pt", "ft", "ete" }.Where(paradigm => paradigm != best)];
            var p = others.ConvertAll(paradigm => PairedTTest.Of(values[paradigm], values[best]).P);
            var (smaller, larger) = (p.Min(), p.Max());
            Assert.Null(Star(best));
            // Step-down of two: the smaller p against 0.025, the larger one against 0.05 where the smaller one counts.
            Assert.Equal(others.Select((_, i) => (bool?)(smaller <= 0.025 && (p[i] == smaller || larger <= 0.05))), others.Select(Star));

            bool? Star(string paradigm) => Cell(tables, 4, $"MMGCL with CLIP-{paradigm.ToUpperInvariant()}", name).Cell.Ours!.Star;
        }
    }

    [Fact]
    public async Task Data_of_ones_own_have_the_rows_that_are_there_and_no_printed_values()
    {
        using var workspace = new Workspace { Name = "amazon-2018-Baby" };
        var tables = await TablesAsync(workspace, ("mmgcl", "cnn+minilm", "pt", "vt", 0.4), ("mmgcl", "clip", "pt", "vt", 0.5));
        Assert.False(tables.IsPaper);
        Assert.Equal([2, 3], tables.Tables.Select(table => table.Number));
        Assert.Equal(["MMGCL", "MMGCL with CLIP-PT"], tables.Tables[1].Rows.Select(row => row.Label));
        Assert.All(tables.Tables.SelectMany(table => table.Rows).SelectMany(row => row.Cells), cell => Assert.Null(cell.Published));
        var gain = tables.Counts.Single(count => count.Ours.What.StartsWith("pre-trained CLIP", StringComparison.Ordinal));
        Assert.Equal(4, gain.Ours.Of);
    }

    [Fact]
    public async Task The_page_shows_a_value_with_its_star_the_printed_one_and_the_difference()
    {
        using var workspace = Baby();
        var tables = await TablesAsync(workspace, ("mmgcl", "clip", "pt", "vt", 0.5));
        var (row, cell) = Cell(tables, 3, "MMGCL with CLIP-PT", "NDCG@20");
        var page = workspace.ReportText;
        Assert.Contains($"<b>{row.Write(cell.Ours!)}</b><small>0.0362* &#183; {row.WriteDifference(cell.Difference!.Value)}</small>", page, StringComparison.Ordinal);
        Assert.Contains("""<th scope="row">VBPR (V)</th><td class="number">–<small>0.0479</small></td>""", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table", "baby")]
    [InlineData("sample", "baby")]
    [InlineData("table", "amazon-2014-Baby")]
    public async Task A_shop_of_ones_own_that_has_the_name_of_a_data_set_of_the_paper_is_not_taken_for_it(string source, string name)
    {
        using var workspace = new Workspace { Name = name, Source = source };
        Assert.False((await TablesAsync(workspace, ("mmgcl", "cnn+minilm", "pt", "vt", 0.4), ("mmgcl", "clip", "pt", "vt", 0.5))).IsPaper);
    }

    [Theory]
    [InlineData("baby", "reviews_Baby_5.json", "random 999", true)]
    [InlineData("my-own", "download/meta_Baby.json.gz", "random 7", true)]
    [InlineData("my-own", "reviews_Baby_5.json", "random 999", false, 10)]
    [InlineData("amazon-2014-Baby", "reviews_Baby_5.json", "random 999", false, 5, 2000)]
    [InlineData("amazon-2014-Baby", "reviews_Toys_5.json", "random 999", false)]
    public async Task The_whole_5_core_of_a_category_is_the_papers_whatever_it_is_called_and_a_cut_of_it_is_not(string name, string file, string split, bool isPaper, int core = 5, int? sample = null)
    {
        using var workspace = Baby(name, file, split, core, sample);
        var tables = await TablesAsync(workspace, ("mmgcl", "cnn+minilm", "pt", "vt", 0.4), ("mmgcl", "clip", "pt", "vt", 0.5));
        Assert.Equal(isPaper, tables.IsPaper);
        Assert.DoesNotContain(tables.Notes, note => note.Contains("split otherwise", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_split_than_the_papers_is_told()
    {
        using var workspace = Baby(split: "leave-one-out");
        var tables = await TablesAsync(workspace, ("mmgcl", "clip", "pt", "vt", 0.5));
        Assert.Contains("Baby is split otherwise here (leave-one-out) than in the paper, which draws 8:1:1 per user: its values cannot be compared with the printed ones.", tables.Notes);
    }

    [Fact]
    public async Task A_study_with_nothing_to_compare_has_no_tables()
    {
        using var workspace = new Workspace();
        await workspace.IngestAsync();
        await workspace.TrainAsync("bpr", 0.5);
        await workspace.EvaluateAsync();
        Assert.Empty(PaperTables.Of(new Study([await EvaluationAsync(workspace)], [], [])));
        Assert.DoesNotContain("The paper", workspace.ReportFile("report.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_seeds_the_lowest_stands_in_the_tables_and_a_control_never_does()
    {
        using var workspace = new Workspace();
        await workspace.IngestAsync();
        await workspace.TrainAsync("a", 0.1, change: Facts("mmgcl", "clip", "pt", "vt", seed: 1000));
        await workspace.TrainAsync("b", 0.5, change: Facts("mmgcl", "clip", "pt", "vt", seed: 999));
        await workspace.TrainAsync("c", 0.9, change: facts =>
        {
            Facts("mmgcl", "a+b", "pt", "vt", seed: 1)(facts);
            facts["control"] = "shuffled";
        });
        await workspace.EvaluateAsync();
        var cases = new PaperCases((await EvaluationAsync(workspace)).Cases);
        Assert.Equal("b", cases.Find(Pretrained)!.Case.Name);
        Assert.Null(cases.Find(Baseline));
        Assert.Null(cases.Find(Tuned));
    }

    [Fact]
    public async Task Table_2_counts_the_data_and_measures_the_encoders_whose_features_are_there()
    {
        using var workspace = Baby();
        await workspace.IngestAsync();
        await workspace.FeaturizeAsync("cnn", visual: 12, textual: 0, parameters: 134_300_000);
        await workspace.FeaturizeAsync("vlmo", visual: 5, textual: 5);
        await workspace.FeaturizeAsync("minilm", visual: 0, textual: 7, parameters: 22_700_000);
        var tables = await TablesAsync(workspace, ("mmgcl", "cnn+minilm", "pt", "vt", 0.4), ("mmgcl", "clip", "pt", "vt", 0.5), ("mmgcl", "vlmo", "pt", "vt", 0.5));
        var rows = tables.Tables.Single(table => table.Number == 2).Rows.ToDictionary(row => row.Label, row => row.Cells[0]);
        Assert.Equal((Workspace.Users, 19445), (rows["Users"].Ours!.Value, rows["Users"].Published!.Value));
        Assert.Equal((12, 4096), (rows["Values of a visual vector, CNN"].Ours!.Value, rows["Values of a visual vector, CNN"].Published!.Value));
        Assert.Equal(7, rows["Values of a textual vector, SentenceTransformer"].Ours!.Value);
        Assert.Equal((null, 768), (rows["Values of a visual vector, CLIP"].Ours, rows["Values of a visual vector, CLIP"].Published!.Value)); // its features are not there
        Assert.Equal((157, 170), (rows["Parameters in millions, CNN+SentenceTransformer"].Ours!.Value, rows["Parameters in millions, CNN+SentenceTransformer"].Published!.Value));
        Assert.All(new[] { "CLIP", "VLMo" }, encoder => Assert.Null(rows[$"Parameters in millions, {encoder}"].Ours)); // theirs do not say
    }

    [Fact]
    public async Task Single_encoders_of_the_baselines_pair_stand_for_one_modality_each()
    {
        using var workspace = new Workspace();
        var tables = await TablesAsync(
            workspace, ("lattice", "cnn+minilm", "pt", "vt", 0.4), ("lattice", "cnn", "pt", "v", 0.3), ("lattice", "minilm", "pt", "t", 0.2), ("vbpr", "cnn", "pt", "v", 0.2), ("vbpr", "clip", "pt", "v", 0.3));
        Assert.Equal(["LATTICE (V&T)", "LATTICE (V)", "LATTICE (T)"], tables.Tables.Single(table => table.Number == 1).Rows.Select(row => row.Label));
        Assert.Contains("VBPR (V)", tables.Tables.Single(table => table.Number == 3).Rows.Select(row => row.Label));
    }

    private static Workspace Baby(string name = "amazon-2014-Baby", string file = "reviews_Baby_5.json", string split = "random 999", int core = 5, int? sample = null) =>
        new() { Name = name, Source = "amazon-2014", SourceFile = file, Recipe = new JsonObject { ["core"] = core, ["sample"] = sample, ["split"] = split } };

    private static (PaperTableRow Row, ShownCell Cell) Cell(PaperTables tables, int number, string label, string metric)
    {
        var table = tables.Tables.Single(table => table.Number == number);
        var row = table.Rows.Single(row => row.Label == label);
        return (row, row.Cells[table.Columns.Index().Single(column => column.Item.Metric == metric).Index]);
    }

    private static async Task<PaperTables> TablesAsync(Workspace workspace, params (string Recommender, string Encoder, string Paradigm, string Modalities, double Skill)[] cases)
    {
        await workspace.IngestAsync();
        foreach (var c in cases) await workspace.TrainAsync($"{c.Recommender}-{c.Encoder}-{c.Paradigm}-{c.Modalities}", c.Skill, change: Facts(c.Recommender, c.Encoder, c.Paradigm, c.Modalities));
        await workspace.EvaluateAsync();
        return Assert.Single(PaperTables.Of(new Study([await EvaluationAsync(workspace)], [], [])));
    }

    private static Task<Evaluation> EvaluationAsync(Workspace workspace) => Evaluation.ReadAsync(new EvaluateOptions(), workspace.DataSet, TestContext.Current.CancellationToken);

    private static Action<JsonObject> Facts(string recommender, string encoder, string paradigm, string modalities, int seed = 999) => facts =>
        (facts["recommender"], facts["encoder"], facts["paradigm"], facts["modalities"], facts["seed"]) = (recommender, encoder, paradigm, modalities, seed);
}
