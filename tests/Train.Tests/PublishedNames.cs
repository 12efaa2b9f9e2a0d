namespace LmmRec.Train.Tests;

/// <summary>What the parameters of the published code are called here.</summary>
internal static class PublishedNames
{
    private static readonly Dictionary<string, string> Common = new()
    {
        ["u_embedding"] = "user_embedding",
        ["i_embedding"] = "item_embedding",
        ["item_id_embedding"] = "item_embedding",
        ["embedding_dict.user_emb"] = "user_embedding",
        ["embedding_dict.item_emb"] = "item_embedding",
        ["embedding_user"] = "user_embedding",
        ["embedding_item"] = "item_embedding",
        ["modal_weight"] = "modality-weights",
        ["image_embedding"] = "visual/features",
        ["text_embedding"] = "textual/features",
        ["image_trs"] = "visual/projection",
        ["text_trs"] = "textual/projection",
        ["v_dense"] = "visual/projection",
        ["t_dense"] = "textual/projection",
        ["read_user"] = "fuse/users",
        ["read_item"] = "fuse/items",
        ["embedding_user_after_GCN"] = "fuse/users",
        ["embedding_item_after_GCN"] = "fuse/items",
        ["g_i_iv"] = "align/id-fine",
        ["g_v_iv"] = "align/visual-fine",
        ["g_iv_iva"] = "align/fine-fine",
        ["g_iva_ivat"] = "align/fine-coarse",
        ["g_t_ivat"] = "align/textual-coarse",
        ["query_common.0"] = "attention/query",
        ["query_common.2"] = "attention/score",
        ["gate_v.0"] = "visual/gate",
        ["gate_t.0"] = "textual/gate",
        ["gate_image_prefer.0"] = "visual/preference",
        ["gate_text_prefer.0"] = "textual/preference",
        ["id_embedding"] = "ids",
    };

    // Tables and maps without a bias are one tensor here, not a layer with a weight.
    private static readonly string[] Tables = ["user_embedding", "item_embedding", "visual/features", "textual/features", "attention/score"];

    /// <summary>The parameter that the published code of <paramref name="recommender"/> calls <paramref name="published"/>.</summary>
    public static string Ours(string recommender, string published)
    {
        if (recommender == "vbpr" && published.StartsWith("item_linear", StringComparison.Ordinal)) return published;
        if (recommender == "mmgcn" && published != "id_embedding") return OfMmgcn(published);
        var (name, kind) = published.EndsWith(".weight", StringComparison.Ordinal) ? (published[..^".weight".Length], "/weight")
            : published.EndsWith(".bias", StringComparison.Ordinal) ? (published[..^".bias".Length], "/bias") : (published, "");
        var ours = Common.GetValueOrDefault(name, name);
        return Tables.Contains(ours) ? ours : ours + kind;
    }

    // v_gcn.linear_layer1.weight → visual/layer1/linear/weight
    private static string OfMmgcn(string published)
    {
        var parts = published.Split('.');
        var modality = parts[0] == "v_gcn" ? "visual" : "textual";
        var kind = parts.Length > 2 ? "/" + parts[2] : "";
        return parts[1] switch
        {
            "preference" => $"{modality}/preference",
            "MLP" => $"{modality}/reduce{kind}",
            _ => parts[1][..^1] switch
            {
                "conv_embed_" => $"{modality}/layer{parts[1][^1]}/convolution",
                "linear_layer" => $"{modality}/layer{parts[1][^1]}/linear{kind}",
                "g_layer" => $"{modality}/layer{parts[1][^1]}/combine{kind}",
                _ => published,
            },
        };
    }
}
