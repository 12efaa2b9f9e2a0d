using LmmRec.Artifacts.Steps;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests;

/// <summary>Estimates of the work of cases that have not been trained.</summary>
public sealed class CaseWorkTests
{
    [Fact]
    public void Many_cases_and_settings_of_a_recommender_take_one_graph_for_each_size_of_a_data_set()
    {
        var recommender = new Counted();
        var work = new CaseWork(new TrainOptions());
        Setting[] settings = [.. new[] { 1e-2, 1e-3, 1e-4 }.Select(reg => new Setting("", new FactorizationOptions { Reg = reg }))];
        foreach (var users in new[] { 100, 200 })
            foreach (var encoder in new[] { "clip", "vlmo" })
                foreach (var seed in new[] { 1, 2, 3 })
                    Assert.True(work.Of(new TrainCase(recommender, new FeatureSet(encoder, "pt", null, null), "vt", seed), settings, new DatasetSize(users, 50, 1000))!.MultiplyAdds > 0);
        Assert.Equal(2, recommender.Graphs);
    }

    private sealed class Counted : Recommender<FactorizationOptions>
    {
        public int Graphs { get; private set; }

        public override string Name => "counted";

        public override bool UsesContent => true;

        protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, FactorizationOptions options)
        {
            Graphs++;
            return All["vbpr"].Build(g, batch, catalogue, options);
        }
    }
}
