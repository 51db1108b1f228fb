<?php
// One of many wikis on one MediaWiki: only the settings are this wiki's own.
define( 'MW_CONFIG_FILE', __DIR__ . '/LocalSettings.php' );
require __DIR__ . '/mediawiki/' . basename( __FILE__ );
